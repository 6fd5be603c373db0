import { type ValueType, valueTypes } from '../../contract/index.ts'

const duckdbTypes: Readonly<Record<ValueType, string>> = {
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
  int32: 'INTEGER',
  int64: 'BIGINT',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  date: 'DATE',
}

const deltaTypes: Readonly<Record<ValueType, string>> = {
  string: 'string',
  boolean: 'boolean',
  int32: 'integer',
  int64: 'long',
  float32: 'float',
  float64: 'double',
  timestamp: 'timestamp',
  date: 'date',
}

/** Name of the DuckDB type that holds a declared type. Timestamps carry a zone: without one Delta needs reader 3. */
export function duckdbType(type: ValueType): string {
  return duckdbTypes[type]
}

/** The declared type that a DuckDB type holds exactly; absent for types that no feature may have. */
export function valueTypeOf(duckdb: string): ValueType | undefined {
  return valueTypes.find((type) => duckdbTypes[type] === duckdb)
}

export function deltaType(type: ValueType): string {
  return deltaTypes[type]
}

/** Delta types whose every value a declared type holds: what another writer may have made of a column. */
const narrower: Readonly<Record<ValueType, readonly string[]>> = {
  string: [],
  boolean: [],
  int32: ['byte', 'short'],
  int64: ['byte', 'short', 'integer'],
  float32: ['byte', 'short'],
  float64: ['byte', 'short', 'integer', 'float'],
  timestamp: [],
  date: [],
}

/** True when a column of that Delta type can be read as the declared type without loss. */
export function holdsType(type: ValueType, delta: unknown): boolean {
  return typeof delta === 'string' && (delta === deltaTypes[type] || narrower[type].includes(delta))
}

const otherTypes: Readonly<Record<string, string>> = { byte: 'TINYINT', short: 'SMALLINT', binary: 'BLOB' }

/** DuckDB's name of a primitive Delta type, of features or not; undefined for nested and unknown types. */
export function duckdbTypeOfDelta(delta: unknown): string | undefined {
  if (typeof delta !== 'string') return undefined
  const declared = valueTypes.find((type) => deltaTypes[type] === delta)
  if (declared !== undefined) return duckdbTypes[declared]
  return /^decimal\(\d+,\s*\d+\)$/.test(delta) ? delta.toUpperCase() : otherTypes[delta]
}
