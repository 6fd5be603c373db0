/**
 * One column of a result. Booleans are 0 and 1, timestamps and dates milliseconds since 1970 in UTC
 * (with a fraction where there are microseconds), 64-bit integers the nearest number.
 */
export type Column =
  | {
      readonly kind: 'number'
      readonly values: Float64Array /** 1 where null; the value there is NaN. */
      readonly nulls: Uint8Array
    }
  | { readonly kind: 'text'; readonly values: (string | null)[] }

/** Some rows of a result as columns, in the order of the query. */
export interface ColumnBatch {
  readonly rows: number
  readonly columns: Readonly<Record<string, Column>>
}
