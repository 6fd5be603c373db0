// The training pipeline: spine -> point-in-time join -> split -> transforms -> fit -> evaluation -> gates -> registered version.
// It reads the feature store and writes the registry; it serves nothing and moves no tag.
export { bindSpine } from './dataset/bind-spine.ts'
export {
  type DatasetDescription,
  type DescribedGroup,
  showDataset,
} from './dataset/describe-dataset.ts'
export { findDatasetOf } from './dataset/find-dataset.ts'
export { type ListedDataset, listTrainingDatasets } from './dataset/list-datasets.ts'
export { type MadeDataset, makeDataset } from './dataset/make-dataset.ts'
export { trainingErrors } from './errors.ts'
export type { GateResult } from './evaluation/gates.ts'
export { explainRow, type GroupExplanation, type RowExplanation } from './explain/explain-row.ts'
export { type LeakCheck, leakCheck } from './leak-check/leak-check.ts'
export type { Difference, Parity } from './parity/parity.ts'
export { type VerifiedParity, verifyParity } from './parity/verify-parity.ts'
export type { Report } from './register/report.ts'
export { type RejudgeRequest, rejudge } from './rejudge.ts'
export { type NotNeeded, type TrainOptions, train } from './train.ts'
export {
  type LastRegistered,
  lastRegistered,
  type TrainResult,
  trainedModel,
  trainingPipeline,
} from './training-run.ts'
export { type Trigger, trainingTrigger } from './trigger.ts'
