/** A table state that a dataset was made from. */
export interface SnapshotReference {
  readonly group: string
  readonly contractVersion: number
  /** Delta version of the table. */
  readonly snapshot: number
}

/** Where a model version comes from: enough to make it again and to say which data it has seen. */
export interface Lineage {
  readonly dataset: {
    readonly id: string
    readonly digest: string
    /** Labels and features are those known at this moment. */
    readonly asOf: string
    /** Time of the newest row that the weights or the early stopping have seen: later rows are new to the version. */
    readonly trainedUntil: string
    readonly rows: Readonly<Record<'train' | 'validation' | 'test', number>>
    readonly labels: { readonly mature: number; readonly immature: number; readonly unmatched: number }
  }
  readonly snapshots: readonly SnapshotReference[]
  readonly code: { readonly revision: string | null; readonly dirty: boolean | null }
  readonly configDigest: string
  readonly spineDigest: string
  readonly onDemandDigest?: string | undefined
  readonly environment: {
    readonly fti: string
    readonly node: string
    readonly platform: string
    readonly backend: string
    readonly tensorflow: string
    readonly duckdb: string
  }
  readonly seed: number
  readonly ignoreAvailableAt: boolean
}
