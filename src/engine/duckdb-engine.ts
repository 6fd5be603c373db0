import { type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, type DuckDBResult } from '@duckdb/node-api'
import { FtiError, throwIfCancelled } from '../base/index.ts'
import type { Column, ColumnBatch } from './column-batch.ts'
import type { Engine, ParquetOptions } from './engine.ts'
import { engineErrors } from './errors.ts'
import { fillColumn, fits } from './fill-column.ts'
import { type ParquetFile, parquetFile, type ReturnedStatistics } from './parquet-file.ts'
import { quoteName, quoteText } from './quote.ts'
import { emptyColumn, readColumn } from './read-column.ts'
import { readValue } from './read-value.ts'
import { readSelect, type SelectStatement } from './select-statement.ts'
import { atFile, sqlError } from './sql-error.ts'

/** Starts DuckDB, applies the settings in order, and calls `cleanUp` when it is closed or cannot start. */
export async function startDuckDB(settings: readonly string[], cleanUp: () => Promise<void>): Promise<Engine> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const close = async () => {
    connection.closeSync()
    instance.closeSync()
    await cleanUp()
  }
  try {
    for (const setting of settings) await connection.run(setting)
  } catch (error) {
    await close()
    throw sqlError(error)
  }
  const run = oneAtATime(connection)
  return {
    execute: async (sql, signal) => void (await run((c) => c.run(sql), signal)),
    rows: (sql, signal) => run((c) => readRows(c, sql), signal) as Promise<never[]>,
    columns: (sql, signal) => run((c) => readColumns(c, sql), signal),
    stream: (sql, signal) => streamColumns(instance, sql, signal),
    describe: (sql) => run((c) => describe(c, sql)),
    writeParquet: (sql, path, options) => run((c) => copyToParquet(c, sql, path, options), options?.signal),
    appendColumns: (table, batch) => run((c) => append(c, table, batch)),
    inspectSelect: (sql, place) =>
      run((c) => inspect(c, sql)).catch((error: unknown) => {
        throw place === undefined ? error : atFile(error, place)
      }),
    close,
  }
}

type Work<T> = (connection: DuckDBConnection) => Promise<T>

/** One statement at a time, so that a cancelled caller never interrupts another caller's statement. */
function oneAtATime(connection: DuckDBConnection): <T>(work: Work<T>, signal?: AbortSignal) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work, signal) => {
    const next = last.then(() => interruptible(connection, () => work(connection), signal))
    last = next.catch(() => {})
    return next
  }
}

async function interruptible<T>(
  connection: DuckDBConnection,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  throwIfCancelled(signal)
  let timer: NodeJS.Timeout | undefined
  // DuckDB forgets an interrupt that arrives before the statement has begun, so it is repeated until the statement ends.
  const interrupt = () => {
    connection.interrupt()
    timer ??= setInterval(() => connection.interrupt(), 20)
  }
  signal?.addEventListener('abort', interrupt, { once: true })
  try {
    return await work()
  } catch (error) {
    throw sqlError(error)
  } finally {
    signal?.removeEventListener('abort', interrupt)
    clearInterval(timer)
  }
}

async function readRows(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  const result = await connection.run(sql)
  const names = result.deduplicatedColumnNames()
  const rows = await result.getRows()
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, readValue(row[index] ?? null)])))
}

async function readColumns(connection: DuckDBConnection, sql: string): Promise<ColumnBatch> {
  const result = await connection.run(sql)
  const chunks = await result.fetchAllChunks()
  return toBatch(result, chunks)
}

async function* streamColumns(
  instance: DuckDBInstance,
  sql: string,
  signal?: AbortSignal,
): AsyncGenerator<ColumnBatch> {
  const connection = await instance.connect()
  try {
    const result = await interruptible(connection, () => connection.stream(sql), signal)
    while (true) {
      const chunk = await interruptible(connection, () => result.fetchChunk(), signal)
      if (chunk === null || chunk.rowCount === 0) return
      yield toBatch(result, [chunk])
    }
  } finally {
    connection.closeSync()
  }
}

function toBatch(result: DuckDBResult, chunks: readonly DuckDBDataChunk[]): ColumnBatch {
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rowCount, 0)
  const columns = result.deduplicatedColumnNames().map((name, index): [string, Column] => {
    const column = emptyColumn(result.columnTypeId(index), rows)
    let offset = 0
    for (const chunk of chunks) {
      readColumn(chunk, index, column, offset)
      offset += chunk.rowCount
    }
    return [name, column]
  })
  return { rows, columns: Object.fromEntries(columns) }
}

async function describe(connection: DuckDBConnection, sql: string): Promise<{ name: string; type: string }[]> {
  const rows = await readRows(connection, `DESCRIBE ${sql}`)
  return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }))
}

async function copyToParquet(
  connection: DuckDBConnection,
  sql: string,
  path: string,
  options: ParquetOptions = {},
): Promise<ParquetFile> {
  const settings = [
    'FORMAT parquet',
    `COMPRESSION ${options.compression ?? 'snappy'}`,
    ...(options.rowGroupSize === undefined ? [] : [`ROW_GROUP_SIZE ${options.rowGroupSize}`]),
    'RETURN_STATS',
  ]
  const result = await connection.run(`COPY (${sql}\n) TO ${quoteText(path)} (${settings.join(', ')})`)
  const [returned] = await result.getRowObjectsJson()
  return parquetFile(path, returned as unknown as ReturnedStatistics)
}

const chunkRows = 2048

async function append(connection: DuckDBConnection, table: string, batch: ColumnBatch): Promise<void> {
  const names = (await describe(connection, `SELECT * FROM ${quoteName(table)}`)).map((column) => column.name)
  const appender = await connection.createAppender(table)
  try {
    const types = names.map((_, index) => appender.columnType(index))
    const columns = names.map((name, index) => {
      const column = batch.columns[name]
      if (column !== undefined && types[index] && fits(column.kind, types[index].typeId)) return column
      throw mismatch(table, `column ${name} is ${types[index]}, the batch has ${column?.kind ?? 'none'}`)
    })
    const extra = Object.keys(batch.columns).find((name) => !names.includes(name))
    if (extra !== undefined) throw mismatch(table, `the table has no column ${extra}`)
    for (let offset = 0; offset < batch.rows; offset += chunkRows) {
      const chunk = DuckDBDataChunk.create(types, Math.min(chunkRows, batch.rows - offset))
      for (const [index, column] of columns.entries()) {
        const type = types[index]
        if (type) fillColumn(chunk, index, type, column, offset)
      }
      appender.appendDataChunk(chunk)
    }
    appender.flushSync()
  } finally {
    appender.closeSync()
  }
}

function mismatch(table: string, what: string): FtiError {
  return new FtiError(engineErrors.FTI_COLUMNS_MISMATCH, {
    message: `cannot append to ${table}: ${what}`,
    remedy: 'give every column of the table with its kind, and no other',
  })
}

async function inspect(connection: DuckDBConnection, sql: string): Promise<SelectStatement> {
  const json = await scalar(connection, 'SELECT json_serialize_sql($1::VARCHAR)', sql)
  const bare = sql.replace(/[\s;]+$/, '')
  const nested = await scalar(connection, 'SELECT json_serialize_sql($1::VARCHAR)', `FROM (${bare}\n)`)
  const stands = (JSON.parse(nested) as { readonly error: boolean }).error === false
  const statement = readSelect(json, sql, bare)
  if (stands) return statement
  // A comment follows the semicolon: DuckDB's own spelling of the statement has neither.
  return {
    ...statement,
    text: (await scalar(connection, 'SELECT json_deserialize_sql($1::JSON)', json)).replace(/;\s*$/, ''),
  }
}

async function scalar(connection: DuckDBConnection, sql: string, argument: string): Promise<string> {
  const [row] = await (await connection.run(sql, [argument])).getRows()
  return String(row?.[0])
}
