import { relative } from 'node:path'
import type { Project } from '../project/index.ts'
import { lastRun } from '../runs/index.ts'
import type { BuiltDataset } from './dataset/build-dataset.ts'
import type { Parity } from './parity/parity.ts'
import type { Report } from './register/report.ts'

export interface TrainResult {
  readonly status: 'trained'
  readonly model: string
  readonly version: number
  readonly report: Report
  readonly parity: Parity
  readonly dataset: Pick<BuiltDataset['dataset'], 'id' | 'rows'>
  readonly labels: BuiltDataset['labels']
  readonly seconds: number
}

/** Under which name the runs of a model's training are recorded. */
export function trainingPipeline(model: string): string {
  return `${prefix}${model}`
}

const prefix = 'train-'

/** The model whose training a pipeline is; undefined for any other pipeline. */
export function trainedModel(pipeline: string): string | undefined {
  return pipeline.startsWith(prefix) ? pipeline.slice(prefix.length) : undefined
}

/** What the record of a training says of what it made. The registry is named, for a project may get another one. */
export function trainingOutputs(
  project: Pick<Project, 'directory' | 'registry'>,
  { version, report, dataset }: Pick<TrainResult, 'version' | 'report' | 'dataset'>,
): TrainingOutputs {
  return {
    version,
    promotable: report.promotable,
    registry: relative(project.directory, project.registry),
    dataset: dataset.id,
    rows: dataset.rows,
  }
}

interface TrainingOutputs {
  readonly version: number
  readonly promotable: boolean
  readonly registry: string
  readonly dataset: string
  readonly rows: TrainResult['dataset']['rows']
}

/** A version that a run record remembers. */
export interface LastRegistered {
  readonly version: number
  readonly run: string
}

/**
 * The version that the last good training of a model registered in this project's registry, as its run record tells:
 * known without the registry, so that a registry that is gone is not taken for one that never was.
 */
export async function lastRegistered(
  { state, directory, registry }: Pick<Project, 'state' | 'directory' | 'registry'>,
  model: string,
): Promise<LastRegistered | undefined> {
  const run = await lastRun(state, trainingPipeline(model), { status: 'done' })
  if (run === undefined || run.status === 'corrupt') return undefined
  const outputs = (run.outputs ?? {}) as Partial<TrainingOutputs>
  if (typeof outputs.version !== 'number') return undefined
  const isOther = outputs.registry !== undefined && outputs.registry !== relative(directory, registry)
  return isOther ? undefined : { version: outputs.version, run: run.id }
}
