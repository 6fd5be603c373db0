import { closeSync, openSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Client, FieldDef } from 'pg'
import { countedInGroups, digestOf, throwIfCancelled } from '../../../base/index.ts'
import type { PostgresSource } from '../../../contract/index.ts'
import { type Engine, openEngine, quoteName, quoteText } from '../../../engine/index.ts'
import { isAllTime } from '../../incremental/interval.ts'
import { loadClient } from '../load-client.ts'
import type { Reading, ReadOptions } from '../reading.ts'
import { spooledFiles } from '../spooled.ts'
import { whereIs } from '../where-is.ts'
import { connectionOf } from './connection.ts'
import { type Copied, copyOut } from './copy-out.ts'
import { postgresError } from './postgres-error.ts'
import { restricted } from './restricted-query.ts'
import { typeOfField } from './type-of-field.ts'

/**
 * One SELECT, streamed by COPY in one read-only snapshot of the database. The digest is of the rows whatever their order,
 * for a table has none.
 */
export async function readPostgres(source: PostgresSource, options: ReadOptions): Promise<Reading> {
  const place = whereIs(source, options.project.directory)
  const text = join(options.folder, 'rows.csv')
  const copied = await copyRows(source, options, text, place)
  const { fields } = copied
  const rows = join(options.folder, 'rows.parquet')
  const tempDirectory = join(options.project.state, 'tmp')
  const engine = await openEngine({ tempDirectory, allowedDirectories: [options.folder] })
  try {
    await engine.writeParquet(`SELECT ${typedItems(fields)} FROM ${textReader(text, copied)}`, rows, options)
    const digest = await digestOfRows(engine, rows, fields)
    const span = source.incremental && options.span
    const mayBeEmpty = span !== undefined && !isAllTime(span)
    const files = { ...(await spooledFiles(source, 'parquet', [rows], place)), digest, mayBeEmpty }
    return { source, digest, span, open: async () => files }
  } finally {
    await engine.close()
    await rm(text, { force: true })
  }
}

interface CopiedRows extends Copied {
  readonly fields: readonly FieldDef[]
}

async function copyRows(
  source: PostgresSource,
  options: ReadOptions,
  path: string,
  place: string,
): Promise<CopiedRows> {
  const { signal } = options
  const { default: pg } = await loadClient(source, 'pg', () => import('pg'))
  const client = new pg.Client(connectionOf(source))
  // A connection that dies between two statements must not end the process; the next statement says what happened.
  client.on('error', () => {})
  const cancel = () => void client.end().catch(() => {})
  signal?.addEventListener('abort', cancel, { once: true })
  const file = openSync(path, 'w')
  try {
    await client.connect()
    await begin(client, source)
    const query = source.read.query?.replace(/;\s*$/, '') ?? `SELECT * FROM ${quotedTable(source.read.table ?? '')}`
    const { fields } = await client.query(`SELECT * FROM (${query}\n) AS rows LIMIT 0`)
    options.say(`reading ${source.name}`)
    const rows = restricted(source, { query, fields, span: options.span })
    const copied = await copyOut(client, `COPY (${rows}\n) TO STDOUT (FORMAT csv)`, file)
    options.say(`read ${countedInGroups(copied.rows, 'row')} of ${source.name}`)
    return { ...copied, fields }
  } catch (error) {
    throwIfCancelled(signal)
    throw await postgresError(client, source, place, error)
  } finally {
    closeSync(file)
    signal?.removeEventListener('abort', cancel)
    await client.end().catch(() => {})
  }
}

/** Names, types and rows come from one state, and nothing that the query calls can write. */
async function begin(client: Client, { timeoutMs }: PostgresSource): Promise<void> {
  await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
  const settings = { TimeZone: 'UTC', DateStyle: 'ISO', IntervalStyle: 'iso_8601', bytea_output: 'hex' }
  for (const [name, value] of Object.entries({ ...settings, statement_timeout: String(timeoutMs) }))
    await client.query(`SET LOCAL ${name} = '${value}'`)
}

/** `schema.table`, each part in quotes. */
function quotedTable(table: string): string {
  return table.split('.').map(quoteName).join('.')
}

/** Everything as text; an empty text is written in quotes, and so is no null. */
function textReader(path: string, { fields, longestRow }: CopiedRows): string {
  const columns = fields.map((_, index) => `'c${index}': 'VARCHAR'`).join(', ')
  return `read_csv(${quoteText(path)}, header = false, auto_detect = false, columns = {${columns}}, delim = ',', quote = '"',
    escape = '"', nullstr = '', allow_quoted_nulls = false, strict_mode = true, max_line_size = ${Math.max(longestRow, usualRowBytes)})`
}

/** DuckDB reserves a multiple of it for each thread, so it is not more than it must be. */
const usualRowBytes = 2 ** 20

function typedItems(fields: readonly FieldDef[]): string {
  return fields.map((field, index) => `CAST(c${index} AS ${typeOfField(field)}) AS ${quoteName(field.name)}`).join(', ')
}

async function digestOfRows(engine: Engine, path: string, fields: readonly FieldDef[]): Promise<string> {
  const hash = (half: string) => `CAST(sum(CAST(md5_number_${half}(row) AS HUGEINT)) AS VARCHAR) AS ${half}`
  const [rows] = await engine.rows(
    `SELECT CAST(count(*) AS VARCHAR) AS count, ${hash('lower')}, ${hash('upper')}
     FROM (SELECT CAST(to_json(t) AS VARCHAR) AS row FROM read_parquet(${quoteText(path)}) AS t)`,
  )
  return digestOf({ columns: fields.map((field) => [field.name, typeOfField(field)]), rows })
}
