import { FtiError } from '../base/index.ts'
import type { TransformKind, ValueType } from '../contract/index.ts'
import type { ColumnBatch } from '../engine/index.ts'
import { numbersOf, valuesOf } from './batch-column.ts'
import { transformErrors } from './errors.ts'
import { fitNumberSteps, isNumberStep, meanOf } from './fit-number.ts'
import type { Category, FittedColumn, FittedTransforms } from './fitted-transforms.ts'

export interface TransformColumn {
  readonly name: string
  readonly type: ValueType
  /** In order; absent: what suits the type. */
  readonly transforms?: readonly TransformKind[] | undefined
}

/** More categories than this share one slot of a one-hot encoding. */
const oneHotCap = 50
const vocabularyCap = 10_000

/**
 * Learns the transforms from the rows of `train` alone: it is given nothing else.
 * Null, NaN and infinities count as missing. Missing numbers become the mean, missing booleans 0.5,
 * and a column that is missing throughout becomes 0.
 */
export function fitTransforms(columns: readonly TransformColumn[], train: ColumnBatch): FittedTransforms {
  return { format: 1, columns: columns.map((column) => fitColumn(column, train)) }
}

function fitColumn(column: TransformColumn, train: ColumnBatch): FittedColumn {
  const { name, type } = column
  const kinds = column.transforms ?? defaultTransforms(type)
  checkKinds(column, kinds)
  if (type === 'timestamp' || type === 'date') return { name, type, kind: 'dropped' }
  const [kind] = kinds
  if (kind === 'oneHot') {
    const { sorted, missing } = countCategories(column, train)
    return { name, type, kind, categories: sorted.slice(0, oneHotCap), other: sorted.length > oneHotCap, missing }
  }
  if (kind === 'vocabulary') {
    return { name, type, kind, categories: countCategories(column, train).sorted.slice(0, vocabularyCap) }
  }
  const values = numbersOf(column, train)
  const known = values.filter(Number.isFinite)
  const impute = type === 'boolean' ? 0.5 : meanOf(known, name)
  return {
    name,
    type,
    kind: 'number',
    impute,
    missing: known.length < values.length,
    steps: fitNumberSteps(kinds, known, name),
  }
}

function defaultTransforms(type: ValueType): readonly TransformKind[] {
  if (type === 'string') return ['oneHot']
  return type === 'boolean' || type === 'timestamp' || type === 'date' ? ['none'] : ['standardize']
}

function checkKinds({ name, type }: TransformColumn, kinds: readonly TransformKind[]): void {
  const isText = type === 'string'
  const isTime = type === 'timestamp' || type === 'date'
  const wrong = kinds.find((kind) => {
    if (kind === 'none') return kinds.length > 1 || isText
    if (isTime) return true
    if (kind === 'oneHot' || kind === 'vocabulary') return kinds.length > 1
    return isText || !isNumberStep(kind)
  })
  if (wrong === undefined && (kinds.length > 0 || !isText)) return
  const suited = isText ? 'oneHot or vocabulary' : isTime ? 'none' : 'log, clip and standardize in any order, or oneHot'
  throw new FtiError(transformErrors.FTI_TRANSFORM_UNFIT, {
    message: `the transforms [${kinds.join(', ')}] do not suit the column '${name}', a ${type}`,
    remedy: isTime
      ? `leave '${name}' out of transforms; derive numbers from it in onDemand code`
      : `use ${suited} for '${name}', or leave it out of transforms for the default`,
  })
}

/** Distinct values by falling frequency; ties by value, so that the order of rows does not matter. */
function countCategories(column: TransformColumn, train: ColumnBatch): { sorted: Category[]; missing: boolean } {
  const counts = new Map<Category, number>()
  let missing = false
  for (const value of valuesOf(column, train)) {
    if (value === null) missing = true
    else counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const sorted = [...counts].sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
  return { sorted: sorted.map(([value]) => value), missing }
}
