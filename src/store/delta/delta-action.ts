import type { IntervalLedger } from './interval-ledger.ts'

/** The parts of a Delta commit that fti reads and writes, as the protocol spells them. One action a line. */
export interface DeltaAction {
  readonly commitInfo?: CommitInfo
  readonly protocol?: Protocol
  readonly metaData?: Metadata
  readonly add?: AddFile
  readonly remove?: RemoveFile
  readonly txn?: Transaction
}

/** How far a writer's stream of batches has come: what it committed once it need not commit again. */
export interface Transaction {
  readonly appId: string
  readonly version: number
  readonly lastUpdated?: number
}

export interface Protocol {
  readonly minReaderVersion: number
  readonly minWriterVersion: number
  readonly readerFeatures?: readonly string[]
  readonly writerFeatures?: readonly string[]
}

export interface Metadata {
  readonly id: string
  readonly name?: string
  readonly description?: string
  readonly format: { readonly provider: string; readonly options: Readonly<Record<string, string>> }
  readonly schemaString: string
  readonly partitionColumns: readonly string[]
  readonly configuration: Readonly<Record<string, string>>
  readonly createdTime?: number
}

export interface AddFile {
  /** Relative to the table, percent-encoded. */
  readonly path: string
  readonly partitionValues: Readonly<Record<string, string | null>>
  readonly size: number
  readonly modificationTime: number
  readonly dataChange: boolean
  readonly stats?: string
  readonly tags?: Readonly<Record<string, string>> | null
  readonly deletionVector?: unknown
}

/** A file that no longer belongs to the table. It may lie there still, for readers of older versions. */
export interface RemoveFile {
  /** As the file's `add` has it. */
  readonly path: string
  readonly deletionTimestamp?: number
  readonly dataChange: boolean
  readonly extendedFileMetadata?: boolean
  readonly partitionValues?: Readonly<Record<string, string | null>>
  readonly size?: number
}

export interface DeltaField {
  readonly name: string
  /** A primitive's name; nested types are objects, which fti does not read. */
  readonly type: string | Readonly<Record<string, unknown>>
  readonly nullable: boolean
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Who did what and when. Readers may ignore it; for fti it says where the next commit goes on. */
export interface CommitInfo {
  /** Milliseconds since 1970; never earlier than that of the version before. */
  readonly timestamp: number
  readonly operation: string
  readonly operationParameters?: Readonly<Record<string, string>>
  readonly operationMetrics?: Readonly<Record<string, string>>
  readonly engineInfo?: string
  readonly fti?: CommitMark
}

/** Source -> its columns in order, each with the type that a transform saw. */
export type SourceColumns = Readonly<Record<string, readonly (readonly [name: string, type: string])[]>>

/** What fti remembers with each of its commits. */
export interface CommitMark {
  /** Tells our own commit from another writer's when the file system repeats a reply. */
  readonly commitId: string
  readonly command?: string
  readonly runId?: string
  /** Digest of everything that the rows were made from: sources, code, contract. */
  readonly inputDigest?: string
  readonly contractVersion?: number
  /** Largest `_sequence` in the table. */
  readonly lastSequence?: number
  /** Latest event time in the table, ISO 8601; null when there is none. */
  readonly highWaterMark?: string | null
  readonly appended?: number
  readonly unchanged?: number
  readonly restated?: number
  readonly late?: number
  /** Rows of all commits that restate an earlier row: 0 means that every key and event time is there once. */
  readonly restatedEver?: number
  /** What the sources looked like, so that a later run can say what their owner has changed. */
  readonly sourceColumns?: SourceColumns
  /** What has been computed, in a group that computes only what is new. */
  readonly ledger?: IntervalLedger
}
