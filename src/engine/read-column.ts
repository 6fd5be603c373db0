import { type DuckDBDataChunk, DuckDBTypeId, type DuckDBVector } from '@duckdb/node-api'
import type { Column } from './column-batch.ts'
import { readValue } from './read-value.ts'

/** How many of a type's units make a millisecond; 1 for plain numbers. */
const numberTypes = new Map<DuckDBTypeId, number>([
  [DuckDBTypeId.BOOLEAN, 1],
  [DuckDBTypeId.TINYINT, 1],
  [DuckDBTypeId.SMALLINT, 1],
  [DuckDBTypeId.INTEGER, 1],
  [DuckDBTypeId.BIGINT, 1],
  [DuckDBTypeId.HUGEINT, 1],
  [DuckDBTypeId.UTINYINT, 1],
  [DuckDBTypeId.USMALLINT, 1],
  [DuckDBTypeId.UINTEGER, 1],
  [DuckDBTypeId.UBIGINT, 1],
  [DuckDBTypeId.UHUGEINT, 1],
  [DuckDBTypeId.FLOAT, 1],
  [DuckDBTypeId.DOUBLE, 1],
  [DuckDBTypeId.DECIMAL, 1],
  [DuckDBTypeId.DATE, 1 / 86_400_000],
  [DuckDBTypeId.TIMESTAMP, 1000],
  [DuckDBTypeId.TIMESTAMP_TZ, 1000],
  [DuckDBTypeId.TIMESTAMP_S, 1 / 1000],
  [DuckDBTypeId.TIMESTAMP_MS, 1],
  [DuckDBTypeId.TIMESTAMP_NS, 1_000_000],
])

export function emptyColumn(type: DuckDBTypeId, rows: number): Column {
  return numberTypes.has(type)
    ? { kind: 'number', values: new Float64Array(rows), nulls: new Uint8Array(rows) }
    : { kind: 'text', values: new Array<string | null>(rows).fill(null) }
}

/** Copies a chunk's column into `column` from row `offset` on. */
export function readColumn(chunk: DuckDBDataChunk, index: number, column: Column, offset: number): void {
  const vector = chunk.getColumnVector(index)
  if (column.kind === 'number') readNumbers(vector, chunk.rowCount, column, offset)
  else {
    for (let row = 0; row < chunk.rowCount; row++) {
      const value = vector.getItem(row)
      column.values[offset + row] = value === null ? null : asText(value)
    }
  }
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value
  const plain = readValue(value)
  return typeof plain === 'object' ? JSON.stringify(plain) : String(plain)
}

type Items = Float64Array | Float32Array | BigInt64Array | BigUint64Array | Int32Array

function readNumbers(vector: DuckDBVector, rows: number, column: Column & { kind: 'number' }, offset: number): void {
  const scale = numberTypes.get(vector.type.typeId) ?? 1
  const items = itemsOf(vector)
  if (items instanceof BigInt64Array) readWide(items, rows, scale, column.values, offset)
  else if (items === undefined) readEach(vector, rows, column.values, offset)
  else if (scale === 1) column.values.set(items as Float64Array, offset)
  else for (let row = 0; row < rows; row++) column.values[offset + row] = Number(items[row]) / scale
  markNulls(vector, rows, column, offset)
}

/** The vector's own typed array, where its numbers can be taken as they are. */
function itemsOf(vector: DuckDBVector): Items | undefined {
  const items = (vector as unknown as { readonly items?: unknown }).items
  if (vector.type.typeId === DuckDBTypeId.DECIMAL || items instanceof BigUint64Array) return undefined
  return ArrayBuffer.isView(items) && !(items instanceof DataView) ? (items as Items) : undefined
}

/** 64-bit integers by halves: a bigint for each value would cost ten times as much. */
function readWide(items: BigInt64Array, rows: number, scale: number, values: Float64Array, offset: number): void {
  const halves = new Int32Array(items.buffer, items.byteOffset, rows * 2)
  for (let row = 0; row < rows; row++) {
    const high = halves[2 * row + 1] as number
    const low = (halves[2 * row] as number) >>> 0
    values[offset + row] = (high * 4_294_967_296 + low) / scale
  }
  if (scale === 1) return
  // DuckDB stores an infinite time as the largest integer and its negative.
  const end = 2 ** 63 / scale
  for (let row = offset; row < offset + rows; row++) {
    if (Math.abs(values[row] as number) === end) values[row] = (values[row] as number) * Number.POSITIVE_INFINITY
  }
}

function readEach(vector: DuckDBVector, rows: number, values: Float64Array, offset: number): void {
  for (let row = 0; row < rows; row++) {
    const value = vector.getItem(row)
    values[offset + row] = typeof value === 'object' && value !== null ? Number(value.toString()) : Number(value)
  }
}

function markNulls(vector: DuckDBVector, rows: number, column: Column & { kind: 'number' }, offset: number): void {
  const bits = (vector as unknown as { readonly validity: { readonly data: BigUint64Array | null } }).validity.data
  if (bits === null) return
  const bytes = new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength)
  for (let row = 0; row < rows; row++) {
    if (((bytes[row >> 3] as number) >> (row & 7)) & 1) continue
    column.nulls[offset + row] = 1
    column.values[offset + row] = Number.NaN
  }
}
