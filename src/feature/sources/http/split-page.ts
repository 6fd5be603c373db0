import { createReadStream, createWriteStream } from 'node:fs'
import { appendFile, open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { FtiError } from '../../../base/index.ts'
import type { HttpSource } from '../../../contract/index.ts'
import { type Engine, quoteText } from '../../../engine/index.ts'
import { featureErrors } from '../../errors.ts'
import { shownUrl } from '../where-is.ts'
import type { Answer } from './client.ts'

/** A page whose rows lie in a file of their own. */
export interface Page {
  readonly path: string
  readonly isEmpty: boolean
  /** What stands in its JSON where the next page is named. */
  readonly next?: string | undefined
}

/** A page of JSON is taken into memory as a whole; more than this is no page. */
const mostPageBytes = 256 * 2 ** 20

/** Brings the rows of a page into a file, one a line for JSON, and finds what leads to the next page. */
export async function splitPage(
  engine: Engine,
  source: HttpSource,
  answer: Answer,
  signal?: AbortSignal,
): Promise<Page> {
  const path = await unzipped(answer.path)
  if (source.format === 'json') return splitJson(engine, source, { ...answer, path }, signal)
  if (source.format === 'csv') return { path, isEmpty: !(await hasTextBelow(path, 1)) }
  const isEmpty = !(await hasTextBelow(path, 0))
  if (!(await endsWithNewline(path))) await appendFile(path, '\n')
  return { path, isEmpty }
}

async function splitJson(
  engine: Engine,
  source: HttpSource,
  answer: Answer,
  signal: AbortSignal | undefined,
): Promise<Page> {
  if (answer.bytes > mostPageBytes)
    throw unreadable(source, answer, `is larger than ${mostPageBytes >> 20} MiB`, 'ask for smaller pages')
  const content = `(SELECT content FROM read_text(${quoteText(answer.path)}))`
  const { paging } = source
  const next = paging?.kind === 'next' || paging?.kind === 'cursor' ? paging.path : undefined
  const rows = quoteText(jsonPath(source.records))
  const [page] = await engine.rows<{ valid: boolean; type: string | null; length: number | null; next: string | null }>(
    `SELECT json_valid(content) AS valid,
       CASE WHEN valid THEN json_type(content, ${rows}) END AS type,
       CASE WHEN valid THEN json_array_length(content, ${rows}) END AS length,
       ${next === undefined ? 'NULL' : `CASE WHEN valid THEN json_extract_string(content, ${quoteText(jsonPath(next))}) END`} AS next
     FROM ${content}`,
    signal,
  )
  if (!page?.valid)
    throw unreadable(source, answer, 'is not JSON', 'see what the server sends: is it an error page, or cut off?')
  if (page.type !== 'ARRAY') {
    const where = source.records === undefined ? 'is no list of rows' : `has no list of rows at '${source.records}'`
    const what = page.type === null ? 'nothing' : page.type.toLowerCase()
    throw unreadable(
      source,
      answer,
      `${where}, but ${what}`,
      `name the path of the list: sources.${source.name}.records`,
    )
  }
  const path = `${answer.path}.ndjson`
  // Without quotes and separator the lines of a CSV file are what they were: JSON has no line break of its own.
  await engine.execute(
    `COPY (SELECT CAST(unnest(json_extract(content, ${quoteText(`${jsonPath(source.records)}[*]`)})) AS VARCHAR) FROM ${content})
     TO ${quoteText(path)} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '')`,
    signal,
  )
  await rm(answer.path)
  return { path, isEmpty: page.length === 0, next: page.next ?? undefined }
}

/** `data.items` as `$."data"."items"`. */
function jsonPath(dotted: string | undefined): string {
  const steps = dotted?.split('.') ?? []
  return `$${steps.map((step) => `."${step.replaceAll('"', '')}"`).join('')}`
}

function unreadable(source: HttpSource, { url }: Answer, what: string, remedy: string): FtiError {
  return new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
    message: `the answer of source '${source.name}' ${what}`,
    place: shownUrl(url),
    remedy,
  })
}

async function unzipped(path: string): Promise<string> {
  if (!path.endsWith('.gz')) return path
  const plain = path.slice(0, -'.gz'.length)
  await pipeline(createReadStream(path), createGunzip(), createWriteStream(plain))
  await rm(path)
  return plain
}

/** True when there is more than white space behind the first so many lines. */
async function hasTextBelow(path: string, lines: number): Promise<boolean> {
  let left = lines
  for await (const chunk of createReadStream(path)) {
    let text = (chunk as Buffer).toString('latin1')
    for (; left > 0 && text.includes('\n'); left--) text = text.slice(text.indexOf('\n') + 1)
    if (left === 0 && text.trim() !== '') return true
  }
  return false
}

async function endsWithNewline(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size === 0) return true
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    return buffer[0] === 0x0a
  } finally {
    await file.close()
  }
}
