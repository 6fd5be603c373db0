// The feature store: published contracts, Delta tables committed whole or not at all, snapshots, history, profiles, quarantine,
// point-in-time join, training datasets. Functions over a root folder. It never serves online values, trains or decides.

export { duckdbType, valueTypeOf } from './column-type.ts'
export { type CommitResult, commitRows, type RowsToCommit } from './commit-rows.ts'
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
export { whileReading } from './damaged-file.ts'
export type { DatasetColumn, DatasetFile, DatasetMaking, DatasetManifest, TrainingDataset } from './dataset-manifest.ts'
export type { CommitInfo, CommitMark, DeltaField, SourceColumns } from './delta-action.ts'
export { storeErrors } from './errors.ts'
export { type ExplainedGroup, explainJoin, type JoinCandidate, type Verdict } from './explain-join.ts'
export type { EntityToForget } from './forget/entity-to-forget.ts'
export { forgetInDataset, type HoldingDataset, heldInDataset } from './forget/forget-in-dataset.ts'
export { type ForgetWork, forgetInTable } from './forget/forget-in-table.ts'
export { type HoldingTable, tablesHolding } from './forget/held-in-table.ts'
export { defineEmptyGroupViews, defineGroupViews, type GroupView, openGroup, type Pin } from './group-view.ts'
export { readHistory, snapshotOfSequence, type TableCommit } from './history.ts'
export type {
  GroupReport,
  JoinedGroup,
  JoinPlan,
  JoinReport,
  JoinRequest,
} from './join-request.ts'
export { sourceColumns } from './join-request.ts'
export { knownAt } from './known-at.ts'
export { type OptimizedTable, optimizeStore, type StoreWork } from './optimize-store.ts'
export { pointInTimeJoin } from './point-in-time-join.ts'
export { profileRelation, readProfile, writeProfile } from './profile.ts'
export {
  listQuarantines,
  quarantineRelation,
  type RefusedRows,
  releaseQuarantine,
  writeQuarantine,
} from './quarantine.ts'
export { type DatasetEntry, findDataset, listDatasetModels, listDatasets, readDataset } from './read-dataset.ts'
export { latestRelation, rawRelation } from './relation.ts'
export { type Retirement, readRetirement, retireVersion } from './retirement.ts'
export { type DataFile, readRows, readSnapshot, type Snapshot } from './snapshot.ts'
export {
  type DatasetPart,
  datasetParts,
  type Split,
  type SplitBoundaries,
  splitByTime,
} from './split-by-time.ts'
export type { StoreFinding } from './store-finding.ts'
export { tablePath } from './table-path.ts'
export { tableRelation } from './table-relation.ts'
export { tidyGroup } from './tidy-group.ts'
export { type DatasetToWrite, writeDataset } from './training-dataset.ts'
export { type VacuumedTable, vacuumStore } from './vacuum-store.ts'
export { type Verified, verifyStore } from './verify-store.ts'
