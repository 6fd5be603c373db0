import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { FtiError } from '../../../base/index.ts'
import type { HttpSource } from '../../../contract/index.ts'
import { openEngine } from '../../../engine/index.ts'
import { featureErrors } from '../../errors.ts'
import type { ReadOptions } from '../reading.ts'
import { shownUrl } from '../where-is.ts'
import { httpClient } from './client.ts'
import { firstPage, nextPage } from './next-page.ts'
import { splitPage } from './split-page.ts'

/** Fetches page after page into files: JSON and NDJSON into one file of rows, CSV into one file a page, for each has a header. */
export async function readPages(source: HttpSource, options: ReadOptions): Promise<string[]> {
  const { folder, signal, say } = options
  const client = httpClient(source, options)
  const engine = await openEngine({
    tempDirectory: join(options.project.state, 'tmp'),
    allowedDirectories: [folder],
    threads: 1,
  })
  try {
    const pages: string[] = []
    const seen = new Set<string>()
    let url: string | undefined = firstPage(source)
    for (let number = 1; url !== undefined; number++) {
      if (number > source.maxPages) throw tooMany(source)
      if (seen.has(url)) throw circle(source, url)
      seen.add(url)
      if (number > 1) say(`${source.name}: page ${number}`)
      const answer = await client.get(url, join(folder, `page-${number}`))
      // Nothing was compared, so nothing can be unchanged.
      if (answer === 'unchanged') break
      const page = await splitPage(engine, source, answer, signal)
      if (page.isEmpty && source.paging?.kind === 'page') break
      pages.push(page.path)
      url = nextPage(source, { answer, number, url, next: page.next })
    }
    return source.format === 'csv' ? pages : [await joined(pages, join(folder, 'rows.ndjson'))]
  } finally {
    await engine.close()
  }
}

/** One file, so that the types are found in the rows of all pages. */
async function joined(pages: readonly string[], path: string): Promise<string> {
  await pipeline(Buffer.alloc(0), createWriteStream(path))
  for (const page of pages) {
    await pipeline(createReadStream(page), createWriteStream(path, { flags: 'a' }))
    await rm(page)
  }
  return path
}

function tooMany(source: HttpSource): FtiError {
  return new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
    message: `source '${source.name}' has more than ${source.maxPages} pages`,
    place: shownUrl(source.url),
    remedy: `if it has, raise sources.${source.name}.maxPages; else correct its paging`,
  })
}

function circle(source: HttpSource, url: string): FtiError {
  return new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
    message: `the pages of source '${source.name}' lead back to one that was read`,
    place: shownUrl(url),
    remedy: `correct sources.${source.name}.paging`,
  })
}
