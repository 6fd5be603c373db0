import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf, makeDirectory, replaceFile } from '../../../base/index.ts'
import type { HttpSource } from '../../../contract/index.ts'
import { type SourceFiles, sourceChanged } from '../files/source-files.ts'
import type { Reading, ReadOptions } from '../reading.ts'
import { fetched, spooledFiles } from '../spooled.ts'
import { shownUrl } from '../where-is.ts'
import { type Answer, httpClient } from './client.ts'
import { readPages } from './read-pages.ts'

/**
 * Reads an address. An answer of one page that the server calls unchanged (ETag or Last-Modified) is not sent again,
 * unless somebody asks for its rows after all.
 */
export async function readHttp(declared: HttpSource, options: ReadOptions): Promise<Reading> {
  const source = withLogin(declared)
  const isSplit = source.paging !== undefined || source.records !== undefined
  if (isSplit) return fetched(source, await asFiles(source, await readPages(source, options), 'split'))
  const client = httpClient(source, options)
  const path = join(options.folder, 'answer')
  const memory = join(options.project.state, 'sources', `${source.name}.json`)
  const known = await recall(memory, source)
  const answer = await client.get(source.url, path, known)
  if (answer !== 'unchanged') {
    const files = await asFiles(source, [answer.path])
    await remember(memory, source, answer, files.digest)
    return fetched(source, files)
  }
  const digest = known?.digest
  // Of what the server did not send again we have only the digest.
  const open = async () => {
    const again = await client.get(source.url, path)
    const files = await asFiles(source, again === 'unchanged' ? [] : [again.path])
    if (files.digest !== digest) throw sourceChanged(source, shownUrl(source.url))
    return files
  }
  return { source, digest, open }
}

/** User and password of the URL as the header that they stand for. */
function withLogin(source: HttpSource): HttpSource {
  const url = new URL(source.url)
  if (url.username === '') return source
  const login = Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`)
  url.username = ''
  url.password = ''
  return {
    ...source,
    url: url.href,
    headers: { authorization: `Basic ${login.toString('base64')}`, ...source.headers },
  }
}

/** Answers that are read as they came, or `split`: JSON as one row a line. */
async function asFiles(source: HttpSource, paths: readonly string[], form?: 'split'): Promise<SourceFiles> {
  const type = source.format === 'json' && form === 'split' ? 'ndjson' : source.format
  return spooledFiles(source, type, paths, shownUrl(source.url))
}

/** What the last answer was, so that the server may say that it still is. */
interface Memory {
  /** Of the request: another address or other parameters have another answer. */
  readonly request: string
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  readonly digest: string
}

function requestOf({ url, format }: HttpSource): string {
  return digestOf({ url, format })
}

async function recall(path: string, source: HttpSource): Promise<Memory | undefined> {
  try {
    const memory = JSON.parse(await readFile(path, 'utf8')) as Memory
    return memory.request === requestOf(source) ? memory : undefined
  } catch {
    // Nothing there, or not what we wrote: a cache that costs one more answer.
    return undefined
  }
}

async function remember(path: string, source: HttpSource, answer: Answer, digest: string): Promise<void> {
  const { etag, lastModified } = answer
  if (etag === undefined && lastModified === undefined) return
  const memory: Memory = { request: requestOf(source), etag, lastModified, digest }
  await makeDirectory(join(path, '..'))
  await replaceFile(path, JSON.stringify(memory))
}
