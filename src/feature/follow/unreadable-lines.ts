import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FtiError, isSystemError } from '../../base/index.ts'
import type { PushSource } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import { sourceError } from '../sources/files/source-error.ts'
import { defineSourceView } from '../sources/files/source-view.ts'
import { spooledFiles } from '../sources/spooled.ts'

/** A line of a stream that is no row of its source. */
export interface UnreadableLine {
  /** Number of the line in the stream, from 1. */
  readonly line: number
  readonly text: string
  readonly reason: string
}

/** A line with its number. */
export interface NumberedLine {
  readonly line: number
  readonly bytes: Buffer
}

/**
 * The lines of a batch that the reader of their source refuses, found by halving: by the reader itself, so that what is left is what
 * a push reads. Costs nothing but reading; nothing is committed.
 */
export async function findUnreadable(
  engine: Engine,
  folder: string,
  source: PushSource,
  lines: readonly NumberedLine[],
): Promise<UnreadableLine[]> {
  const said = lines.filter(({ bytes }) => bytes.toString('latin1').trim() !== '')
  if (said.length === 0) return []
  const error = await readingError(engine, folder, source, said)
  if (error === undefined) return []
  const [only] = said
  if (said.length === 1 && only !== undefined) {
    return [{ line: only.line, text: only.bytes.toString('utf8').trimEnd(), reason: error.message }]
  }
  const half = said.length >> 1
  const before = await findUnreadable(engine, folder, source, said.slice(0, half))
  return [...before, ...(await findUnreadable(engine, folder, source, said.slice(half)))]
}

async function readingError(
  engine: Engine,
  folder: string,
  source: PushSource,
  lines: readonly NumberedLine[],
): Promise<FtiError | undefined> {
  const path = join(folder, 'tried.ndjson')
  await writeFile(path, Buffer.concat(lines.map(({ bytes }) => bytes)))
  const files = await spooledFiles(source, 'ndjson', [path], 'standard input')
  const name = quoteName(source.name)
  try {
    await engine.execute(`DROP VIEW IF EXISTS ${name}`)
    await defineSourceView(engine, { ...files, isStrict: true })
    await engine.execute(`CREATE OR REPLACE TABLE _tried AS SELECT * FROM ${name}`)
    return undefined
  } catch (error) {
    const read = sourceError(error, [files], files.source)
    if (read instanceof FtiError && !isSystemError(read.cause)) return read
    throw error
  }
}
