import type { SnapshotReference } from '../../contract/index.ts'
import type { GroupReport } from '../join/join-request.ts'
import type { DatasetPart, SplitBoundaries } from './split-by-time.ts'

export interface DatasetColumn {
  readonly name: string
  /** A declared type, or DuckDB's name of one that no feature may have. */
  readonly type: string
}

export interface DatasetFile {
  /** In the dataset's folder; that of its part unless rows were erased. */
  readonly name?: string | undefined
  readonly sha256: string
  readonly bytes: number
  readonly rows: number
}

/** Which labels were known, and how each group was looked up. A machine with other limits may choose other plans. */
export interface DatasetMaking {
  readonly labels: { readonly mature: number; readonly immature: number; readonly unmatched: number }
  readonly groups: readonly GroupReport[]
}

/** `manifest.json` of a training dataset: what it was made from and what it holds. */
export interface DatasetManifest {
  readonly format: 1
  /** Digest of everything that the rows were made from: equal inputs, equal id. */
  readonly id: string
  readonly model: string
  /** Labels and features are those known at this moment. */
  readonly asOf: string
  readonly created: string
  readonly snapshots: readonly SnapshotReference[]
  readonly inputs: Readonly<Record<string, unknown>>
  /** Column by which the parts were split. */
  readonly time: string
  readonly columns: readonly DatasetColumn[]
  readonly boundaries: SplitBoundaries
  readonly files: Readonly<Record<DatasetPart, DatasetFile>>
  /** Rows that were erased after it was made (`fti feature forget`), and when last: it cannot be made again. */
  readonly forgotten?: { readonly rows: number; readonly at: string } | undefined
  /** How it came about; absent in datasets that were made before this was kept. */
  readonly making?: DatasetMaking | undefined
  /** Of all of the above but `created` and `making`: how rows were found is no part of what they are. */
  readonly digest: string
}

/** A training dataset on disk. */
export interface TrainingDataset extends DatasetManifest {
  readonly directory: string
  readonly rows: Readonly<Record<DatasetPart, number>>
  readonly paths: Readonly<Record<DatasetPart, string>>
}
