// The feature pipeline: source -> model-independent transform -> contract -> commit -> profile -> online sync.
// It knows no model, trains nothing and serves nothing; what it commits is all that the other pipelines see of it.

export type { RowComparison, RowDifference } from './cases/compare-rows.ts'
export { type CreatedCase, createCase } from './cases/create-case.ts'
export type { CaseReport } from './cases/run-case.ts'
export { type GroupTests, testGroups } from './cases/test-groups.ts'
export { diffSnapshots, type SnapshotDifference } from './catalogue/compare-snapshots.ts'
export {
  describeGroup,
  type GroupDescription,
  type GroupSummary,
  groupHistory,
  listFeatureGroups,
} from './catalogue/describe-groups.ts'
export { parseKey } from './catalogue/entity-key.ts'
export { type GroupFreshness, listFreshness } from './catalogue/freshness.ts'
export { type EntityValues, getValues } from './catalogue/get-values.ts'
export { type GroupLineage, noLineage, readLineage } from './catalogue/lineage.ts'
export { type GroupProfile, profileGroup } from './catalogue/profile-group.ts'
export type { CompatFeed } from './compat/feed-older-versions.ts'
export type { Violation } from './contract/validate.ts'
export { featureErrors } from './errors.ts'
export { type FollowedBatch, type FollowSummary, followRows } from './follow/follow-rows.ts'
export { erase, lockGroups } from './forget/erase.ts'
export { type ForgetScope, forgetScope } from './forget/forget-scope.ts'
export { type Erasure, type HeldOnline, planErasure } from './forget/plan-erasure.ts'
export { sourcesNaming } from './forget/sources-naming.ts'
export { type VersionTouched, versionsTouched } from './forget/versions-touched.ts'
export { type AskedExtent, parseExtent } from './incremental/asked-range.ts'
export type { RunExtent } from './incremental/plan-intervals.ts'
export { type NewGroup, newGroup } from './new/new-group.ts'
export { openProjectEngine } from './project-engine.ts'
export {
  listQuarantine,
  type QuarantinedRow,
  type QuarantineSummary,
  showQuarantine,
} from './quarantine/list-quarantine.ts'
export { type Replay, type ReplayOptions, replayQuarantine } from './quarantine/replay-quarantine.ts'
export { exportQuery } from './query/export-query.ts'
export { type QueryResult, runQuery } from './query/run-query.ts'
export { listReaders, type Reader } from './readers.ts'
export { type RetireOptions, retire } from './retire/retire.ts'
export { planRetirement, type RetirementPlan } from './retire/retirement-plan.ts'
export { type LastCommitted, lastCommitted } from './run/last-committed.ts'
export { type GroupPreview, type IntervalToCompute, previewRun } from './run/preview-run.ts'
export { type PushOptions, pushRows } from './run/push-rows.ts'
export { type FeatureRunOptions, type GroupReport, runFeatureGroups } from './run/run-groups.ts'
export { missingSources } from './sources/missing-sources.ts'
export { unreachableSources } from './sources/probe-sources.ts'
export { describeSourceChange, type SourceChange } from './sources/source-changes.ts'
export { onlineVersions } from './sync/online-versions.ts'
export { syncGroups } from './sync/sync-groups.ts'
export { bindTransforms, type GroupBinding } from './transforms/bind-transforms.ts'
export { decideTransform, type TransformDecision } from './transforms/decide-transform.ts'
export { groupsMadeFrom } from './transforms/groups-made-from.ts'
export { findInputs } from './transforms/inputs.ts'
export { orderGroups } from './transforms/order-groups.ts'
