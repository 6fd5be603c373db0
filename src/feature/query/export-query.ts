import { createReadStream } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openStaging, removeDeadStaging, storageError, syncDirectory, syncFile } from '../../base/index.ts'
import type { SnapshotReference } from '../../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../../engine/index.ts'
import { type OpenQuery, type QueryProject, withQuery } from './open-query.ts'

export type ExportFormat = 'csv' | 'ndjson' | 'parquet'

export interface QueryToExport {
  readonly sql: string
  readonly format: ExportFormat
  /** The file to write, replaced when it exists; it appears whole or not at all. */
  readonly output?: string | undefined
  /** Takes the bytes when there is no file. */
  readonly write?: ((bytes: Uint8Array) => Promise<void>) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ExportedQuery {
  readonly output: string | null
  readonly format: ExportFormat
  readonly rows: number
  readonly bytes: number
  readonly tables: Readonly<Record<string, SnapshotReference>>
}

/** Runs one SELECT over feature groups, of whatever size, into a file or a stream. */
export async function exportQuery(project: QueryProject, request: QueryToExport): Promise<ExportedQuery> {
  const { output, format, write } = request
  const folder = output === undefined ? join(project.state, 'tmp') : dirname(output)
  const staging = await openStaging(folder)
  try {
    await removeDeadStaging(folder)
    const staged = join(staging.path, 'result')
    const done = await withQuery(project, request.sql, (query) => copyTo(query, staged, request), staging.path)
    const { size: bytes } = await stat(staged)
    if (output !== undefined) await putInPlace(staged, output)
    else if (write) for await (const chunk of createReadStream(staged)) await write(chunk as Uint8Array)
    return { output: output ?? null, format, bytes, ...done }
  } finally {
    await staging.discard()
  }
}

const copyOptions: Readonly<Record<ExportFormat, string>> = {
  csv: 'FORMAT csv, HEADER true',
  ndjson: 'FORMAT json',
  parquet: 'FORMAT parquet',
}

async function copyTo(
  { engine, select, tables }: OpenQuery,
  path: string,
  { format, signal }: QueryToExport,
): Promise<Pick<ExportedQuery, 'rows' | 'tables'>> {
  const relation = format === 'parquet' ? select : await asText(engine, select, format)
  const [copied] = await engine.rows<{ Count: number }>(
    `COPY (${relation}\n) TO ${quoteText(path)} (${copyOptions[format]})`,
    signal,
  )
  return { rows: copied?.Count ?? 0, tables }
}

/** Moments in the one form that fti reads and writes; numbers that JSON does not have become null. */
async function asText(engine: Engine, select: string, format: ExportFormat): Promise<string> {
  const columns = await engine.describe(`SELECT * FROM (${select}\n)`)
  const replaced = columns.flatMap(({ name, type }) => {
    const column = quoteName(name)
    if (type === 'TIMESTAMP WITH TIME ZONE') return `${isoText(column)} AS ${column}`
    if (format === 'ndjson' && (type === 'DOUBLE' || type === 'FLOAT'))
      return `CASE WHEN isfinite(${column}) THEN ${column} END AS ${column}`
    return []
  })
  return `SELECT * ${replaced.length === 0 ? '' : `REPLACE (${replaced.join(', ')})`} FROM (${select}\n)`
}

/** `2013-01-01T00:00:00.000Z`, with six digits where there are microseconds; an infinite time keeps DuckDB's name. */
function isoText(column: string): string {
  const utc = `timezone('UTC', ${column})`
  const milli = `epoch_us(${column}) % 1000 = 0`
  return `CASE WHEN NOT isfinite(${column}) THEN CAST(${column} AS VARCHAR)
    WHEN ${milli} THEN strftime(${utc}, '%Y-%m-%dT%H:%M:%S.%gZ') ELSE strftime(${utc}, '%Y-%m-%dT%H:%M:%S.%fZ') END`
}

async function putInPlace(staged: string, output: string): Promise<void> {
  await syncFile(staged)
  await rename(staged, output).catch((error: unknown) => {
    throw storageError(error, output)
  })
  await syncDirectory(dirname(output))
}
