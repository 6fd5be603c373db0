import { FtiError } from '../base/index.ts'
import type { ValueType } from '../contract/index.ts'
import type { Column, ColumnBatch } from '../engine/index.ts'
import { transformErrors } from './errors.ts'
import type { Category } from './fitted-transforms.ts'

interface ColumnName {
  readonly name: string
  readonly type: ValueType
}

/** The column of that name, in the form that its type has in memory. An int64 beyond 2^53 may come as text. */
export function columnIn({ name, type }: ColumnName, batch: ColumnBatch): Column {
  const column = Object.hasOwn(batch.columns, name) ? batch.columns[name] : undefined
  const fits = type === 'string' ? column?.kind === 'text' : column?.kind === 'number' || type === 'int64'
  if (column !== undefined && fits) return column
  throw new FtiError(transformErrors.FTI_TRANSFORM_COLUMN, {
    message: `the data has ${column === undefined ? 'no column' : `${column.kind}s in the column`} '${name}', a ${type}`,
    remedy: 'build the training dataset again: `fti dataset build`; it follows the types of the contract',
  })
}

/** Numbers of a column; NaN where it is null. */
export function numbersOf(name: ColumnName, batch: ColumnBatch): Float64Array {
  const column = columnIn(name, batch)
  if (column.kind === 'number') return column.values.map((value, i) => (column.nulls[i] === 1 ? Number.NaN : value))
  return Float64Array.from(column.values, (text) => (text === null ? Number.NaN : Number(text)))
}

/** Values of a column as categories; null for null, NaN and infinities. -0 is 0. */
export function valuesOf(name: ColumnName, batch: ColumnBatch): Iterable<Category | null> {
  const column = columnIn(name, batch)
  if (name.type === 'string' && column.kind === 'text') return column.values
  return Array.from(numbersOf(name, batch), (value) => (Number.isFinite(value) ? value + 0 : null))
}
