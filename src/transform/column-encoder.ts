import { FtiError } from '../base/index.ts'
import type { Value } from '../contract/index.ts'
import { transformErrors } from './errors.ts'
import type { Category, FittedColumn, FittedNumber } from './fitted-transforms.ts'
import { applySteps } from './number-steps.ts'

/** Writes one column's numbers into a vector whose place is zero before. */
export interface ColumnEncoder {
  readonly column: FittedColumn
  /** One for each number that it writes. */
  readonly names: readonly string[]
  value(value: Value, out: Float32Array, at: number): void
  /** The same for a number out of a typed column; NaN is missing. */
  number(value: number, out: Float32Array, at: number): void
}

export function compileColumn(column: FittedColumn): ColumnEncoder {
  if (column.kind === 'dropped') return { column, names: [], value: () => {}, number: () => {} }
  if (column.kind === 'number') return numberEncoder(column)
  const { names, encode } = column.kind === 'oneHot' ? oneHot(column) : vocabulary(column)
  const number = (value: number, out: Float32Array, at: number) =>
    encode(Number.isFinite(value) ? value : null, out, at)
  if (column.type !== 'string') {
    return { column, names, number, value: (value, out, at) => number(toNumber(value, column), out, at) }
  }
  return {
    column,
    names,
    number: (value) => refuseValue(value, column),
    value: (value, out, at) => {
      if (value !== null && typeof value !== 'string') refuseValue(value, column)
      else encode(value, out, at)
    },
  }
}

const largest = 3.4028234663852886e38

function numberEncoder(column: FittedNumber): ColumnEncoder {
  const { impute, missing, steps, name } = column
  const number = (value: number, out: Float32Array, at: number): void => {
    const known = Number.isFinite(value)
    const result = applySteps(steps, known ? value : impute)
    // Held inside float32: an infinity in the vector would make the prediction NaN.
    out[at] = result > largest ? largest : result < -largest ? -largest : result
    if (missing && !known) out[at + 1] = 1
  }
  return {
    column,
    names: missing ? [name, `${name}_missing`] : [name],
    number,
    value: (value, out, at) => number(toNumber(value, column), out, at),
  }
}

type EncodeCategory = (value: Category | null, out: Float32Array, at: number) => void

function oneHot(column: FittedColumn & { kind: 'oneHot' }): { names: string[]; encode: EncodeCategory } {
  const { categories, other, missing, name } = column
  const slots = new Map(categories.map((category, slot) => [category, slot]))
  const names = categories.map((category) => `${name}=${category}`)
  const otherSlot = other ? names.push(`${name}:other`) - 1 : -1
  const nullSlot = missing ? names.push(`${name}:null`) - 1 : -1
  const encode: EncodeCategory = (value, out, at) => {
    const slot = value === null ? nullSlot : (slots.get(value) ?? otherSlot)
    if (slot >= 0) out[at + slot] = 1
  }
  return { names, encode }
}

function vocabulary(column: FittedColumn & { kind: 'vocabulary' }): { names: string[]; encode: EncodeCategory } {
  const indexes = new Map(column.categories.map((category, i) => [category, i + 2]))
  const encode: EncodeCategory = (value, out, at) => {
    out[at] = value === null ? 0 : (indexes.get(value) ?? 1)
  }
  return { names: [column.name], encode }
}

/** NaN for null. Text is a number only for an int64, which is written in digits beyond 2^53. */
function toNumber(value: Value, column: FittedColumn): number {
  if (typeof value === 'number') return value
  if (value === null) return Number.NaN
  if (typeof value === 'boolean') return column.type === 'boolean' ? Number(value) : refuseValue(value, column)
  if (column.type === 'int64' && /^-?\d+$/.test(value)) return Number(value)
  return refuseValue(value, column)
}

/** Says the type and never the value, which may be a person's. */
function refuseValue(value: Value, { name, type }: FittedColumn): never {
  throw new FtiError(transformErrors.FTI_TRANSFORM_VALUE, {
    message: `'${name}' was given a ${typeof value}, not a ${type}`,
    remedy: `send '${name}' as ${type === 'string' ? 'a string' : 'a number'} or null`,
    data: { column: name },
  })
}
