import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { didYouMean, FtiError, newId, type Reporter, storageError, throwIfCancelled } from '../base/index.ts'
import type { Model } from '../contract/index.ts'
import { type Engine, openEngine, quoteText } from '../engine/index.ts'
import type { BackendName } from '../model/index.ts'
import type { Project } from '../project/index.ts'
import { openDraft } from '../registry/index.ts'
import { acquireLock, beginRun } from '../runs/index.ts'
import { scorerFromFiles } from '../scoring/index.ts'
import { profileRelation } from '../store/index.ts'
import { type BuiltDataset, buildDataset } from './build-dataset.ts'
import { modelCard } from './card.ts'
import { trainingErrors } from './errors.ts'
import { type FittedModel, fitModel, type Splits } from './fit-model.ts'
import { judge } from './judge.ts'
import { lineageOf } from './lineage.ts'
import { checkParity, type Parity } from './parity.ts'
import { readSplit } from './read-split.ts'
import { type Report, reportOf } from './report.ts'
import { trainingTrigger } from './trigger.ts'
import { describingFiles, inMemory, servedFiles, type VersionContent } from './version-files.ts'

export interface TrainOptions {
  readonly project: Project
  /** May be left out in a project with one model. */
  readonly model?: string | undefined
  /** Train only when a retrain rule fires. */
  readonly onlyIfNeeded?: boolean | undefined
  readonly asOf: Date
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

export interface TrainResult {
  readonly status: 'trained'
  readonly model: string
  readonly version: number
  readonly report: Report
  readonly parity: Parity
  readonly dataset: { readonly id: string; readonly rows: Readonly<Record<string, number>> }
  readonly labels: BuiltDataset['labels']
  readonly seconds: number
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
    const { fired, reasons } = await trainingTrigger(project, model, new Date())
    if (!fired) return { status: 'not needed', model: model.name, reasons }
    options.reporter.info(`training ${model.name}: ${reasons.join('; ')}`)
  }
  const started = performance.now()
  const lock = await acquireLock(join(project.state, 'locks'), `train-${model.name}`, {
    command,
    waitMs: options.lockWaitMs,
    signal,
  })
  const run = await beginRun(project.state, `train-${model.name}`, { id: newId(), command, now: new Date() })
  const engine = await openEngine({ tempDirectory: join(project.state, 'tmp'), allowedDirectories: [project.store] })
  try {
    const result = await trainWith(engine, model, options)
    await run.finish({ status: 'done', outputs: { version: result.version, promotable: result.report.promotable } })
    return { ...result, seconds: (performance.now() - started) / 1000 }
  } catch (error) {
    await run.finish({ status: signal?.aborted ? 'cancelled' : 'failed', error })
    throw error
  } finally {
    await engine.close()
    await lock.release()
  }
}

function modelOf({ project, model: asked, seed, epochs }: TrainOptions): Model {
  const [only] = project.models.size === 1 ? project.models.keys() : []
  const name = asked ?? only ?? ''
  const model = project.models.get(name)
  if (!model && asked === undefined) {
    throw new FtiError(trainingErrors.FTI_MODEL_UNDEFINED, {
      message: `${project.name} has ${project.models.size} models; say which one to train`,
      place: project.file,
      remedy: `write: fti train ${[...project.models.keys()].join(' | ') || 'MODEL'}`,
    })
  }
  if (!model) {
    throw new FtiError(trainingErrors.FTI_MODEL_UNDEFINED, {
      message: `there is no model '${name}' in ${project.name}`,
      place: project.file,
      remedy: didYouMean(name, project.models.keys()),
    })
  }
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
    const result = await assess(engine, model, options, built, splits, fitted)
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

/** Judges the fitted model and writes, in memory, the files of the version that it would be. */
async function assess(
  engine: Engine,
  model: Model,
  options: TrainOptions,
  built: BuiltDataset,
  splits: Splits,
  fitted: FittedModel,
): Promise<{ files: VersionContent; report: Report; parity: Parity }> {
  const { project, signal } = options
  const served = await servedFiles(fitted, built.signature, splits.test, built.onDemand?.code)
  const judgement = await judge(model, fitted, splits, {
    registry: project.registry,
    testStarts: new Date(built.dataset.boundaries.testStarts),
    signal,
  })
  const parity = await checkParity({
    engine,
    examples: Object.values(built.dataset.paths)
      .map((path) => `SELECT * FROM read_parquet(${quoteText(path)})`)
      .join(' UNION ALL '),
    time: model.time,
    groups: built.sources.groups,
    scorer: await scorerFromFiles(inMemory(model, served)),
    encoder: fitted.encoder,
    folder: join(project.state, 'tmp'),
    signal,
  })
  const lineage = await lineageOf(model, built, fitted, options)
  const report = reportOf(model, judgement, parity, fitted, served.get('weights.bin') ?? Buffer.alloc(0))
  const profile = await profileRelation(
    engine,
    `SELECT * FROM read_parquet(${quoteText(built.dataset.paths.train)})`,
    built.signature.columns,
  )
  const card = modelCard(model, report, lineage)
  return { files: new Map([...served, ...describingFiles({ lineage, report, profile, card })]), report, parity }
}

async function register(
  registry: string,
  model: Model,
  files: VersionContent,
  report: Report,
  options: TrainOptions,
): Promise<number> {
  const draft = await openDraft(registry, model.name)
  try {
    for (const [name, bytes] of files) {
      await writeFile(join(draft.path, name), bytes).catch((error: unknown) => {
        throw storageError(error, draft.path)
      })
    }
    const metrics = Object.fromEntries(Object.entries(report.test.metrics).map(([name, { value }]) => [name, value]))
    const { version } = await draft.register({
      by: options.by,
      why: options.why,
      summary: {
        metrics,
        promotable: report.promotable,
        testRows: report.test.rows,
        weights: report.training.weightsDigest,
      },
      now: new Date(),
      signal: options.signal,
    })
    return version
  } finally {
    await draft.discard()
  }
}
