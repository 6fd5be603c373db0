export const aggregateFunctions = ['count', 'sum', 'mean', 'min', 'max', 'last', 'std', 'distinct', 'ratio'] as const
export type AggregateFunction = (typeof aggregateFunctions)[number]

/**
 * A feature that is computed over the rows of one key that happened in a stretch of time up to and with a row's own time.
 * `ratio` is the sum of the first column over the sum of the second; `*` stands for the rows themselves.
 */
export interface WindowAggregate {
  readonly function: AggregateFunction
  /** Columns of the transform's output: two for `ratio`, else one. */
  readonly columns: readonly string[]
  readonly overMs: number
}
