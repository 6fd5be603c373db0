// DuckDB behind one door: locked down before it sees project SQL, Parquet in and out, typed columns instead of rows.
// Knows no word of contract, commits nothing, and hands out no vendor type.
export type { Column, ColumnBatch } from './column-batch.ts'
export type { Engine, EngineOptions, ParquetOptions } from './engine.ts'
export { engineErrors } from './errors.ts'
export { isInOrder } from './in-order.ts'
export { engineVersion, openEngine } from './open-engine.ts'
export type { ColumnStatistics, ParquetFile } from './parquet-file.ts'
export { inFrom, quoteFile, quoteName, quoteText, quoteTime } from './quote.ts'
export type { SelectStatement } from './select-statement.ts'
export { atFile, mayComeOfAFile } from './sql-error.ts'
export { unknownColumn } from './unknown-column.ts'
