import {
  type DuckDBDataChunk,
  DuckDBDateValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api'
import type { Column } from './column-batch.ts'

/** Fills a chunk's column with the rows of `column` from `offset` on, whole vectors at a time where the type allows. */
export function fillColumn(
  chunk: DuckDBDataChunk,
  index: number,
  type: DuckDBType,
  column: Column,
  offset: number,
): void {
  const vector = chunk.getColumnVector(index)
  const rows = chunk.rowCount
  if (column.kind === 'text') {
    for (let row = 0; row < rows; row++) vector.setItem(row, column.values[offset + row] ?? null)
  } else {
    fillNumbers(vector, type.typeId, column.values.subarray(offset, offset + rows))
    for (let row = 0; row < rows; row++) if (column.nulls[offset + row] === 1) vector.setItem(row, null)
  }
  vector.flush()
}

/** True when a column of this kind can fill a column of that type. */
export function fits(kind: Column['kind'], type: DuckDBTypeId): boolean {
  return kind === 'text' ? type === DuckDBTypeId.VARCHAR : numberFits.has(type)
}

const numberFits = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_TZ,
])

function fillNumbers(vector: DuckDBVector, type: DuckDBTypeId, values: Float64Array): void {
  const items = (vector as unknown as { readonly items?: Float64Array | BigInt64Array }).items
  if (type === DuckDBTypeId.BOOLEAN || type === DuckDBTypeId.DATE) {
    for (let row = 0; row < values.length; row++) vector.setItem(row, single(type, values[row] as number))
  } else if (items instanceof BigInt64Array) {
    const scale = type === DuckDBTypeId.BIGINT ? 1 : 1000
    for (let row = 0; row < values.length; row++) items[row] = wide((values[row] as number) * scale)
  } else items?.set(values)
}

function single(type: DuckDBTypeId, value: number): DuckDBValue {
  if (Number.isNaN(value)) return null
  return type === DuckDBTypeId.BOOLEAN ? value !== 0 : new DuckDBDateValue(Math.floor(value / 86_400_000))
}

const widest = 9_223_372_036_854_775_807n

function wide(value: number): bigint {
  if (Number.isNaN(value)) return 0n
  if (value === Number.POSITIVE_INFINITY) return widest
  return value === Number.NEGATIVE_INFINITY ? -widest : BigInt(Math.round(value))
}
