import { join } from 'node:path'
import type { Database as SqliteDatabase } from 'node-sqlite3-wasm'
import { didYouMean, FtiError } from '../../base/index.ts'
import type { SqliteSource } from '../../contract/index.ts'
import { type ColumnBatch, type Engine, quoteName } from '../../engine/index.ts'
import { featureErrors } from '../errors.ts'
import { loadClient } from './load-client.ts'

/** A column of the result, by the kinds of values that it really holds: SQLite lets a column hold any. */
interface SqliteColumn {
  readonly name: string
  readonly type: 'BIGINT' | 'DOUBLE' | 'VARCHAR'
}

export interface SqliteExport {
  readonly source: SqliteSource
  readonly database: string
  /** Where the Parquet files go. */
  readonly folder: string
  /** Where the database lies, for people. */
  readonly place: string
  /** Called between batches; throws when the run is cancelled. */
  readonly breathe: () => void
}

/** Writes the rows of a table or query as Parquet files, and holds no more than the rows of one. Returns their paths. */
export async function exportSqlite(engine: Engine, task: SqliteExport): Promise<string[]> {
  const { source, database, folder, place, breathe } = task
  const { Database } = (await loadClient(source, 'node-sqlite3-wasm', () => import('node-sqlite3-wasm'))).default
  const db = new Database(database, { readOnly: true })
  try {
    const columns = readColumns(db, source, place)
    await engine.execute(`CREATE TABLE _rows (${columns.map(({ name }) => `${quoteName(name)} VARCHAR`).join(', ')})`)
    const items = columns.map(({ name, type }) => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`)
    const paths: string[] = []
    let waiting = 0
    const flush = async () => {
      const path = join(folder, `rows-${paths.length}.parquet`)
      await engine.writeParquet(`SELECT ${items.join(', ')} FROM _rows`, path)
      await engine.execute('TRUNCATE _rows')
      paths.push(path)
      waiting = 0
    }
    for (const batch of batches(db, columns)) {
      breathe()
      await engine.appendColumns('_rows', batch)
      waiting += batch.rows
      if (waiting >= rowsInFile) await flush()
    }
    if (waiting > 0 || paths.length === 0) await flush()
    return paths
  } catch (error) {
    throw sqliteError(db, source, place, error)
  } finally {
    db.close()
  }
}

/** The columns, and from all their values the type that holds each of them. */
function readColumns(db: SqliteDatabase, source: SqliteSource, place: string): SqliteColumn[] {
  const query = source.read.query?.replace(/;\s*$/, '') ?? `SELECT * FROM ${quoteName(source.read.table ?? '')}`
  // A view in memory names the columns also where there is no row; the file itself is open for reading only.
  db.run('PRAGMA temp_store = MEMORY')
  db.run(`CREATE TEMP VIEW _rows AS ${query}`)
  const names = db.all('PRAGMA temp.table_info(_rows)').map((row) => String(row['name']))
  const kinds = names.map(quoteName).flatMap((name) => [
    ...['integer', 'real', 'text', 'blob'].map((kind) => `max(typeof(${name}) = '${kind}')`),
    // The client ends a text at its first zero byte.
    `max(typeof(${name}) = 'text' AND instr(CAST(${name} AS BLOB), x'00') > 0)`,
  ])
  const row = db.get(`SELECT json_array(${kinds.join(', ')}) AS kinds FROM temp._rows`)
  const flags = JSON.parse(String(row?.['kinds'])) as (number | null)[]
  return names.map((name, index) => {
    const [integer, real, text, blob, zero] = flags.slice(index * 5, index * 5 + 5).map((flag) => flag === 1)
    if (zero) throw zeroByte(source, name, place)
    const isNumber = (integer || real) && !text && !blob
    return { name, type: isNumber ? (real ? 'DOUBLE' : 'BIGINT') : 'VARCHAR' }
  })
}

const rowsAtOnce = 4096
const rowsInFile = 250_000

/** All values as text, which is exact for integers of 64 bits and for floating point. */
function* batches(db: SqliteDatabase, columns: readonly SqliteColumn[]): Generator<ColumnBatch> {
  const statement = db.prepare('SELECT * FROM temp._rows')
  try {
    let values = columns.map((): (string | null)[] => [])
    const batch = (): ColumnBatch => ({
      rows: values[0]?.length ?? 0,
      columns: Object.fromEntries(columns.map(({ name }, i) => [name, { kind: 'text', values: values[i] ?? [] }])),
    })
    for (const row of statement.iterate()) {
      for (const [index, { name }] of columns.entries()) values[index]?.push(asText(row[name]))
      if ((values[0]?.length ?? 0) < rowsAtOnce) continue
      yield batch()
      values = columns.map(() => [])
    }
    yield batch()
  } finally {
    statement.finalize()
  }
}

/** Bytes as hexadecimal digits. */
function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)
}

function zeroByte({ name }: SqliteSource, column: string, place: string): FtiError {
  return new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
    message: `source '${name}' has text with a zero byte in column ${column}`,
    place,
    remedy: `read it without: sources.${name}.query: SELECT replace(${column}, char(0), '') AS ${column}, … FROM …`,
  })
}

function sqliteError(db: SqliteDatabase, { name, read }: SqliteSource, place: string, error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'SQLite3Error') return error
  const missing = /no such (table|column): (.*)/.exec(error.message)
  if (missing?.[1] === 'table') {
    const tables = db
      .all("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
      .map((row) => String(row['name']))
    return new FtiError(featureErrors.FTI_SOURCE_MISSING, {
      message: `the database of source '${name}' has no table '${missing[2]}'`,
      place,
      remedy: didYouMean(
        missing[2] ?? '',
        tables,
        `correct sources.${name}.${read.query === undefined ? 'table' : 'query'}`,
      ),
      cause: error,
    })
  }
  return new FtiError(missing ? featureErrors.FTI_SOURCE_COLUMN_MISSING : featureErrors.FTI_SOURCE_UNREADABLE, {
    message: `source '${name}' cannot be read: ${error.message}`,
    place,
    remedy:
      read.query === undefined
        ? 'see whether the file is whole: PRAGMA integrity_check'
        : `correct sources.${name}.query`,
    cause: error,
  })
}
