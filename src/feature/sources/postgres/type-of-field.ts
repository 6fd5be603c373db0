import type { FieldDef } from 'pg'

/** Object identifiers of built-in types, from pg_type.dat of PostgreSQL. */
const types: Readonly<Record<number, string>> = {
  16: 'BOOLEAN',
  20: 'BIGINT',
  21: 'SMALLINT',
  23: 'INTEGER',
  26: 'BIGINT',
  700: 'FLOAT',
  701: 'DOUBLE',
  1082: 'DATE',
  1114: 'TIMESTAMP',
  1184: 'TIMESTAMP WITH TIME ZONE',
}
const numeric = 1700

/** The DuckDB type that holds a column of PostgreSQL; text for whatever has no like, such as JSON, arrays and UUIDs. */
export function typeOfField({
  dataTypeID,
  dataTypeModifier,
}: Pick<FieldDef, 'dataTypeID' | 'dataTypeModifier'>): string {
  if (dataTypeID !== numeric) return types[dataTypeID] ?? 'VARCHAR'
  // Precision and scale are packed into the modifier; without them a numeric has as many digits as it likes.
  if (dataTypeModifier < 4) return 'DOUBLE'
  const precision = ((dataTypeModifier - 4) >> 16) & 0xffff
  const scale = (dataTypeModifier - 4) & 0x7ff
  if (scale === 0 && precision <= 18) return 'BIGINT'
  return precision <= 38 && scale <= precision ? `DECIMAL(${precision}, ${scale})` : 'DOUBLE'
}
