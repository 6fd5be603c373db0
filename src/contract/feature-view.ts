/** The features that one model reads from one group. No data of its own. */
export interface FeatureSelection {
  readonly group: string
  /** The contract version to read; the newest when absent. */
  readonly contractVersion?: number | undefined
  /** Prefix of the columns in the training dataset when one group is joined more than once: `dest` gives `dest_seats`. */
  readonly as?: string | undefined
  /** Entity key column of the group -> column of the spine that holds it; identity where absent. */
  readonly on: Readonly<Record<string, string>>
  readonly pick: readonly string[]
}

/** Name of a picked feature as a column of the training dataset, the vector and the signature. */
export function columnOf(selection: FeatureSelection, feature: string): string {
  return selection.as === undefined ? feature : `${selection.as}_${feature}`
}
