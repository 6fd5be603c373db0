import type { ValueType } from '../contract/index.ts'

/** One step of arithmetic on a number that is known. */
export type NumberStep =
  /** `sign(v) * log(1 + |v|)`: a logarithm that takes zero and negative numbers. */
  | { readonly kind: 'log' }
  | { readonly kind: 'clip'; readonly min: number; readonly max: number }
  /** `(v - mean) / deviation`; the deviation of a constant column is 1. */
  | { readonly kind: 'standardize'; readonly mean: number; readonly deviation: number }

export type Category = string | number

interface ColumnBase {
  readonly name: string
  readonly type: ValueType
}

/** One value out, and a second (1 when it was missing) if `train` had missing ones. */
export interface FittedNumber extends ColumnBase {
  readonly kind: 'number'
  readonly impute: number
  readonly missing: boolean
  readonly steps: readonly NumberStep[]
}

/**
 * One value out for each category, then one for the others and one for null, where `train` had such rows.
 * Without them a slot's weights would be noise, so what was never seen gives zeros instead.
 */
interface FittedOneHot extends ColumnBase {
  readonly kind: 'oneHot'
  /** Most frequent first. */
  readonly categories: readonly Category[]
  readonly other: boolean
  readonly missing: boolean
}

/** One value out: 0 null, 1 unseen, from 2 the categories. For embeddings; as a plain number it has no meaning. */
interface FittedVocabulary extends ColumnBase {
  readonly kind: 'vocabulary'
  readonly categories: readonly Category[]
}

/** A moment or a date: it feeds on-demand code and never enters the matrix. */
interface DroppedColumn extends ColumnBase {
  readonly kind: 'dropped'
}

export type FittedColumn = FittedNumber | FittedOneHot | FittedVocabulary | DroppedColumn

/** What the model-dependent transforms learned from `train`. Plain JSON, exact through a round trip. */
export interface FittedTransforms {
  readonly format: 1
  /** In the order of the values that the encoder takes. */
  readonly columns: readonly FittedColumn[]
}
