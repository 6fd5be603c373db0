import type { ValueType } from '../../contract/index.ts'

/** One row as it was written. */
export interface CaseRow {
  readonly columns: readonly string[]
  /** The row as one JSON object, with numbers as they were written: no digit is lost on the way to the engine. */
  readonly json: string
  /** The same values as text, in the order of `columns`. */
  readonly texts: readonly (string | null)[]
  /** `file:line:column`. */
  readonly place: string
}

/** Rows of a case: written in it, or in a file beside it. */
export interface CaseTable {
  readonly place: string
  readonly types: Readonly<Record<string, ValueType>>
  /** Absent where `file` is given. */
  readonly rows?: readonly CaseRow[] | undefined
  readonly file?: { readonly path: string; readonly type: 'csv' | 'ndjson' | 'parquet' } | undefined
}

/** What a transform must make of some rows, as its owner wrote it down. */
export interface FeatureCase {
  readonly group: string
  readonly name: string
  /** Relative to the project. */
  readonly place: string
  /** Source or group -> the rows that it has. */
  readonly given: ReadonlyMap<string, CaseTable>
  /** The rows that would be committed. Absent where `error` is expected. */
  readonly expect?: CaseTable | undefined
  /** The rows that the contract would keep aside; none when absent. */
  readonly refused?: CaseTable | undefined
  /** The code with which the run must end. */
  readonly error?: string | undefined
  /** False where expectations of the batch say nothing about so few rows. */
  readonly checksBatch: boolean
}
