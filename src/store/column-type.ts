import { type ValueType, valueTypes } from '../contract/index.ts'

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
