// The words of fti: entities, feature groups, contracts, models, signatures, lineage. Types and pure checks; no input or output.
export { type Contract, contractOf, promiseOf } from './contract.ts'
export { type ChangeClass, type ContractChange, classOf, compareContracts } from './contract-change.ts'
export type { Entity } from './entity.ts'
export { contractErrors } from './errors.ts'
export type { Feature } from './feature.ts'
export {
  type Availability,
  type CompatTransform,
  type Expectations,
  type FeatureGroup,
  type FeatureTransform,
  type Incremental,
  type OnInvalid,
  onInvalidChoices,
  onMissingChoices,
  type TransformPolicy,
  transformPolicies,
} from './feature-group.ts'
export { columnOf, type FeatureSelection } from './feature-view.ts'
export type { Lineage, SnapshotReference } from './lineage.ts'
export {
  type Fit,
  type Gate,
  type Label,
  type Model,
  metricsOf,
  type Network,
  type OnDemand,
  type RequestColumn,
  type Retrain,
  type Task,
  type TimeSplit,
  type TransformKind,
  tasks,
  transformKinds,
} from './model.ts'
export { type EmbeddedLocation, type OnlineLocation, type ServerLocation, shownLocation } from './online-location.ts'
export type { ColumnProfile, Profile } from './profile.ts'
export {
  type ContractSelector,
  parseContractSelector,
  parseSnapshotSelector,
  parseVersionSelector,
  type SnapshotSelector,
  type VersionSelector,
} from './reference.ts'
export type { Schedule } from './schedule.ts'
export type { Service } from './service.ts'
export type { Signature, SignatureGroup } from './signature.ts'
export {
  type DeltaSource,
  type DocumentsSource,
  type ExecSource,
  type FileSource,
  fileTypes,
  type HttpPaging,
  type HttpSource,
  type IncrementalSource,
  type PostgresSource,
  type PushSource,
  type Source,
  type SqliteSource,
  sourceTypes,
  type TableOrQuery,
} from './source.ts'
export { knownAlways, systemColumns } from './system-columns.ts'
export { isNumeric, type Value, type ValueType, valueTypes, widens } from './value-type.ts'
export { type AggregateFunction, aggregateFunctions, type WindowAggregate } from './window-aggregate.ts'
