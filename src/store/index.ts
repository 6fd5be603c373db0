// The feature store: published contracts, Delta tables committed whole or not at all, snapshots, history, profiles, quarantine,
// point-in-time join, training datasets. Functions over a root folder. It never serves online values, trains or decides.

export { compareSnapshots, type FeatureDifference } from './compare-snapshots.ts'
export {
  latestContract,
  listGroups,
  type Publication,
  type PublishedContract,
  type PublishedTransform,
  publishContract,
  publishedContracts,
  readContracts,
} from './contracts.ts'
export type {
  DatasetColumn,
  DatasetFile,
  DatasetMaking,
  DatasetManifest,
  TrainingDataset,
} from './dataset/dataset-manifest.ts'
export { type DatasetEntry, findDataset, listDatasetModels, listDatasets, readDataset } from './dataset/read-dataset.ts'
export {
  type DatasetPart,
  datasetParts,
  type Split,
  type SplitBoundaries,
  splitByTime,
} from './dataset/split-by-time.ts'
export { type DatasetToWrite, writeDataset } from './dataset/training-dataset.ts'
export { duckdbType, valueTypeOf } from './delta/column-type.ts'
export { whileReading } from './delta/damaged-file.ts'
export type { CommitInfo, CommitMark, DeltaField, SourceColumns } from './delta/delta-action.ts'
export { readHistory, snapshotOfSequence, type TableCommit } from './delta/history.ts'
export type { CoveredInterval, IntervalLedger } from './delta/interval-ledger.ts'
export { type DataFile, readRows, readSnapshot, type Snapshot } from './delta/snapshot.ts'
export { tableRelation } from './delta/table-relation.ts'
export { storeErrors } from './errors.ts'
export { type EntityToForget, isAbout, namingOf } from './forget/entity-to-forget.ts'
export { forgetInDataset, type HoldingDataset, heldInDataset } from './forget/forget-in-dataset.ts'
export { type ForgetWork, forgetInTable } from './forget/forget-in-table.ts'
export { type HoldingTable, tablesHolding, tablesKeyedOtherwise } from './forget/held-in-table.ts'
export { tidyDatasets } from './forget/tidy-datasets.ts'
export { defineEmptyGroupViews, defineGroupViews, type GroupView, openGroup, type Pin } from './group-view.ts'
export { type ExplainedGroup, explainJoin, type JoinCandidate, type Verdict } from './join/explain-join.ts'
export type {
  GroupReport,
  JoinedGroup,
  JoinPlan,
  JoinReport,
  JoinRequest,
} from './join/join-request.ts'
export { sourceColumns } from './join/join-request.ts'
export { pointInTimeJoin } from './join/point-in-time-join.ts'
export { type OptimizedTable, optimizeStore, type StoreWork } from './maintenance/optimize-store.ts'
export type { StoreFinding } from './maintenance/store-finding.ts'
export { type VacuumedTable, vacuumStore } from './maintenance/vacuum-store.ts'
export { type Verified, verifyStore } from './maintenance/verify-store.ts'
export { profileRelation, readProfile, writeProfile } from './profile.ts'
export {
  listQuarantines,
  quarantineRelation,
  type RefusedRows,
  releaseQuarantine,
  writeQuarantine,
} from './quarantine.ts'
export { type Retirement, readRetirement, retireVersion } from './retirement.ts'
export { type CommitResult, commitRows, type RowsToCommit } from './rows/commit-rows.ts'
export { beginTable, isRename } from './rows/inherit-rows.ts'
export { knownAt } from './rows/known-at.ts'
export { latestRelation, rawRelation } from './rows/relation.ts'
export { tablePath } from './table-path.ts'
export { tidyGroup } from './tidy-group.ts'
