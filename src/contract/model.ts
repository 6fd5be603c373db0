import type { FeatureSelection } from './feature-view.ts'
import type { Schedule } from './schedule.ts'
import type { Value, ValueType } from './value-type.ts'

export const tasks = ['binary', 'regression'] as const
export type Task = (typeof tasks)[number]

/** Metrics by which versions are judged: what evaluation computes and a gate may name. */
export const metricsOf: Readonly<Record<Task, readonly string[]>> = {
  binary: ['auc', 'averagePrecision', 'logLoss', 'brier', 'accuracy', 'precision', 'recall', 'f1', 'calibrationError'],
  regression: ['rmse', 'mae', 'r2'],
}

/** A column that the caller sends with a request; in training it is a column of the spine. */
export interface RequestColumn {
  readonly name: string
  readonly type: ValueType
  readonly range?: readonly [min: number | null, max: number | null] | undefined
  readonly oneOf?: readonly Value[] | undefined
}

/** One pure function from request columns to more columns; the same bytes run in training and in serving. */
export interface OnDemand {
  /** Absolute path of a TypeScript or JavaScript module whose default export is the function. */
  readonly module: string
  readonly inputs: readonly string[]
  readonly outputs: Readonly<Record<string, ValueType>>
}

export const transformKinds = ['log', 'standardize', 'clip', 'oneHot', 'vocabulary', 'none'] as const
/** A model-dependent transform by name; missing values are always imputed first. */
export type TransformKind = (typeof transformKinds)[number]

export interface Network {
  readonly type: 'mlp' | 'linear'
  /** Units of the hidden layers; empty for `linear`. */
  readonly layers: readonly number[]
  /** Share of hidden units dropped in each training step, 0 to below 1. */
  readonly dropout: number
}

export interface Fit {
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  /** Epochs without improvement of the validation loss before stopping; 0 never stops early. */
  readonly earlyStopping: number
  readonly seed: number
}

/** Lengths counted back from the newest mature label. */
export interface TimeSplit {
  readonly by: 'time'
  readonly testMs: number
  readonly validationMs: number
  /** Rows between two parts that belong to neither, so that windows do not overlap. */
  readonly gapMs: number
}

/** A condition that a version must meet before a tag may point at it. */
export interface Gate {
  readonly metric: string
  readonly min?: number | undefined
  readonly max?: number | undefined
  /** A tag: the version must not be worse than the one it names, by a paired bootstrap bound. */
  readonly notWorseThan?: string | undefined
  /** A column of the training dataset: the condition must hold for every value of it. */
  readonly slice?: string | undefined
  /** Slices with fewer test rows are not judged. */
  readonly minRows: number
}

export interface Label {
  readonly group: string
  readonly feature: string
  /** The value that counts as 1 in a binary task. */
  readonly positive?: Value | undefined
}

/** A model as its owner declares it: the feature view it reads and how it is trained. */
export interface Model {
  readonly name: string
  readonly owner?: string | undefined
  readonly description?: string | undefined
  readonly task: Task
  /** Absolute path of the spine's SQL: entity keys, prediction time, request columns, one row per example. */
  readonly spine: string
  /** Column of the spine: the moment at which the prediction would have been made. */
  readonly time: string
  readonly label: Label
  readonly features: readonly FeatureSelection[]
  readonly request: readonly RequestColumn[]
  readonly onDemand?: OnDemand | undefined
  /** Column -> transforms in order; columns that are absent get what suits their type. */
  readonly transforms: Readonly<Record<string, readonly TransformKind[]>>
  readonly network: Network
  readonly fit: Fit
  readonly split: TimeSplit
  readonly gates: readonly Gate[]
  /** When `fti run` and `fti train --if-needed` retrain without being told to. */
  readonly retrain: Retrain
  readonly schedule: Schedule
}

/** Any of these fires; absent ones never do. */
export interface Retrain {
  /** Labelled rows that became known since the newest version. */
  readonly newRows?: number | undefined
  readonly olderThanMs?: number | undefined
}
