import type { Value, ValueType } from './value-type.ts'

/** Statistics of one column over all rows of a snapshot or of a training split. */
export interface ColumnProfile {
  readonly name: string
  readonly type: ValueType
  readonly count: number
  readonly nulls: number
  readonly distinct: number
  readonly min?: Value | undefined
  readonly max?: Value | undefined
  /** Numeric columns only. */
  readonly mean?: number | undefined
  readonly standardDeviation?: number | undefined
  /** Values at 0.05, 0.25, 0.5, 0.75 and 0.95; numeric columns only. */
  readonly quantiles?: readonly number[] | undefined
  /** Equal-width bins between min and max; numeric columns only. `edges` is one longer than `counts`. */
  readonly histogram?: { readonly edges: readonly number[]; readonly counts: readonly number[] } | undefined
  /** Most frequent values first; columns that are not numeric. */
  readonly top?: readonly { readonly value: Value; readonly count: number }[] | undefined
}

export interface Profile {
  readonly format: 1
  readonly rows: number
  readonly columns: readonly ColumnProfile[]
}
