import type { ColumnBatch } from './column-batch.ts'
import type { ParquetFile } from './parquet-file.ts'
import type { SelectStatement } from './select-statement.ts'

export interface EngineOptions {
  /** Queries larger than memory spill into a folder of their own in here. */
  readonly tempDirectory: string
  /** The only folders from which SQL can read and into which it can write. */
  readonly allowedDirectories: readonly string[]
  /** Half of the memory that the machine, or the container, has unless given. */
  readonly memoryLimitBytes?: number | undefined
  readonly threads?: number | undefined
  /** False lets large scans return rows in any order, which needs less memory. True unless given. */
  readonly preserveOrder?: boolean | undefined
  readonly timeZone?: 'UTC' | undefined
}

export interface ParquetOptions {
  readonly compression?: 'snappy' | 'zstd' | undefined
  readonly rowGroupSize?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * One in-memory DuckDB, locked down. Statements run one after another; a stream has a connection of its own,
 * so it sees tables and views, but not TEMP ones. Every failure is an `FtiError`.
 */
export interface Engine {
  /** Runs our own SQL, never a project's. */
  execute(sql: string, signal?: AbortSignal): Promise<void>
  /**
   * A small result as objects. 64-bit integers and decimals are numbers where exact, else strings;
   * timestamps ISO 8601 with `Z`, dates `2013-01-31`, lists arrays.
   */
  rows<Row extends object>(sql: string, signal?: AbortSignal): Promise<Row[]>
  /** A whole result as typed columns. */
  columns(sql: string, signal?: AbortSignal): Promise<ColumnBatch>
  /** The same in batches of some thousand rows, in bounded memory. */
  stream(sql: string, signal?: AbortSignal): AsyncIterable<ColumnBatch>
  /** Names and DuckDB types of a query's columns, without running it. */
  describe(sql: string): Promise<readonly { readonly name: string; readonly type: string }[]>
  /** Writes a query's result as one Parquet file inside an allowed folder. Not synced: the caller owns durability. */
  writeParquet(sql: string, path: string, options?: ParquetOptions): Promise<ParquetFile>
  /** Appends columns to a table that has exactly these columns, in any order. */
  appendColumns(table: string, batch: ColumnBatch): Promise<void>
  /** What a project's statement is made of; an error when it is not exactly one SELECT, with `place` as its place. Executes nothing. */
  inspectSelect(sql: string, place?: string): Promise<SelectStatement>
  close(): Promise<void>
}
