import { join } from 'node:path'
import { newId, type Reporter, throwIfCancelled, withCleanUp } from '../base/index.ts'
import type { Model } from '../contract/index.ts'
import type { Engine } from '../engine/index.ts'
import type { BackendName } from '../model/index.ts'
import type { Project } from '../project/index.ts'
import { acquireLock, beginRun, recordRun } from '../runs/index.ts'
import { assess } from './assess.ts'
import { chooseModel } from './choose-model.ts'
import { type BuiltDataset, buildDataset } from './dataset/build-dataset.ts'
import { fitModel, type Splits } from './fit-model.ts'
import { readSplit } from './read-split.ts'
import { register } from './register/register.ts'
import { withEngine } from './store-engine.ts'
import { type TrainResult, trainingOutputs, trainingPipeline } from './training-run.ts'
import { trainingTrigger } from './trigger.ts'

export interface TrainOptions {
  readonly project: Project
  /** May be left out in a project with one model. */
  readonly model?: string | undefined
  /** Train only when a retrain rule fires. */
  readonly onlyIfNeeded?: boolean | undefined
  /** Labels and features are those known at this moment. */
  readonly asOf: Date
  /** When this run begins, for its record and its trigger; the clock's time unless given. */
  readonly now?: Date | undefined
  readonly backend: BackendName | 'auto'
  /** Replaces the seed of the project file. */
  readonly seed?: number | undefined
  /** Replaces the number of epochs of the project file. */
  readonly epochs?: number | undefined
  readonly ignoreAvailableAt?: boolean | undefined
  readonly shiftAvailabilityMs?: number | undefined
  readonly ftiVersion: string
  readonly by: string
  readonly why?: string | undefined
  readonly command: string
  readonly lockWaitMs: number
  readonly reporter: Reporter
  readonly signal?: AbortSignal | undefined
}

/** No retrain rule fired, so nothing was done. */
export interface NotNeeded {
  readonly status: 'not needed'
  readonly model: string
  readonly reasons: readonly string[]
}

/** Dataset -> fit -> evaluation -> parity -> gates -> registered version. Cancelled or failed, it leaves nothing behind. */
export async function train(options: TrainOptions & { readonly onlyIfNeeded?: false | undefined }): Promise<TrainResult>
export async function train(options: TrainOptions): Promise<TrainResult | NotNeeded>
export async function train(options: TrainOptions): Promise<TrainResult | NotNeeded> {
  const { project, signal, command } = options
  const model = modelOf(options)
  if (options.onlyIfNeeded) {
    const { fired, reasons } = await trainingTrigger(project, model, options.now ?? new Date())
    if (!fired) return { status: 'not needed', model: model.name, reasons }
    options.reporter.info(`training ${model.name}: ${reasons.join('; ')}`)
  }
  const lock = await acquireLock(join(project.state, 'locks'), `train-${model.name}`, {
    command,
    waitMs: options.lockWaitMs,
    signal,
  })
  return withCleanUp(
    () => recorded(model, options),
    () => lock.release(),
  )
}

/** One training with its run record. */
async function recorded(model: Model, options: TrainOptions): Promise<TrainResult> {
  const { project, signal, command, now = new Date() } = options
  const started = performance.now()
  const { asOf, backend, ignoreAvailableAt, shiftAvailabilityMs } = options
  const inputs = { asOf: asOf.toISOString(), backend, seed: model.fit.seed, epochs: model.fit.epochs }
  const run = await beginRun(project.state, trainingPipeline(model.name), {
    id: newId(now),
    inputs: { ...inputs, ignoreAvailableAt, shiftAvailabilityMs },
    command,
    now,
  })
  let result: Omit<TrainResult, 'seconds'> | undefined
  const trained = await recordRun(run, {
    work: async (reporter) => {
      result = await withEngine(project, (engine) => trainWith(engine, model, { ...options, reporter }))
      return result
    },
    made: () => result && { outputs: trainingOutputs(project, result) },
    reporter: options.reporter,
    signal,
  })
  return { ...trained, seconds: (performance.now() - started) / 1000 }
}

function modelOf({ project, model: asked, seed, epochs }: TrainOptions): Model {
  const model = chooseModel(project, asked, 'fti train')
  return { ...model, fit: { ...model.fit, seed: seed ?? model.fit.seed, epochs: epochs ?? model.fit.epochs } }
}

async function trainWith(engine: Engine, model: Model, options: TrainOptions): Promise<Omit<TrainResult, 'seconds'>> {
  const { reporter, signal, project } = options
  const built = await reporter.task(`dataset for ${model.name}`, async (task) => {
    const result = await buildDataset({ ...options, engine, model, task })
    const { train, validation, test } = result.dataset.rows
    task.update(
      [train, validation, test].map((rows) => rows.toLocaleString('en')).join(' / ') +
        ' rows (train / validation / test)',
    )
    return result
  })
  const splits = await readSplits(engine, model, built, signal)
  const fitted = await reporter.task(`fit ${model.name}`, async (task) => {
    const result = await fitModel(model, built.signature, splits, { backend: options.backend, task, signal })
    task.update(
      `${result.network.history.length} epochs, best ${result.network.bestEpoch}, on ${result.network.backend}`,
    )
    return result
  })
  const { files, report, parity } = await reporter.task('evaluate', async (task) => {
    const result = await assess(engine, model, { ...options, built, splits, fitted })
    task.update(
      `${result.report.gates.filter((gate) => gate.passed).length} of ${result.report.gates.length} gates passed`,
    )
    return result
  })
  throwIfCancelled(signal)
  const version = await reporter.task('register', async (task) => {
    const number = await register(project.registry, model, files, report, options)
    task.update(`${model.name}@${number}`)
    return number
  })
  const { id, rows } = built.dataset
  return { status: 'trained', model: model.name, version, report, parity, dataset: { id, rows }, labels: built.labels }
}

async function readSplits(
  engine: Engine,
  model: Model,
  { dataset, signature }: BuiltDataset,
  signal?: AbortSignal,
): Promise<Splits> {
  const slices = model.gates.flatMap((gate) => gate.slice ?? [])
  const read = (path: string) => readSplit(engine, path, signature, slices, signal)
  const { train, validation, test } = dataset.paths
  return { train: await read(train), validation: await read(validation), test: await read(test) }
}
