import { countedInGroups, FtiError, type TaskReporter } from '../../base/index.ts'
import type { Model, Signature, SnapshotReference } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import { bundleModule, type ModuleBundle, type Project } from '../../project/index.ts'
import { importOnDemand } from '../../scoring/index.ts'
import {
  type GroupView,
  type JoinReport,
  type Pin,
  splitByTime,
  type TrainingDataset,
  whileReading,
  writeDataset,
} from '../../store/index.ts'
import { type OnDemandSpec, proveDeterministic } from '../../transform/index.ts'
import { trainingErrors } from '../errors.ts'
import { signatureOf } from './columns.ts'
import { joinFeatures } from './join-features.ts'
import { joinLabels, type LabelCounts, newestKnownLabel } from './labels.ts'
import { addOnDemandColumns, onDemandSpec } from './on-demand-columns.ts'
import { createSpine, neededColumns, openTrainingSources, type TrainingSources } from './spine.ts'

export interface DatasetOptions {
  readonly engine: Engine
  readonly project: Project
  readonly model: Model
  /** Labels and features are those known at this moment. */
  readonly asOf: Date
  readonly pins?: ReadonlyMap<string, Pin> | undefined
  /** Leaks: takes values that were not known yet. Recorded in the lineage. */
  readonly ignoreAvailableAt?: boolean | undefined
  /** Pretends that everything became known later by this much: shows what knowing early is worth. */
  readonly shiftAvailabilityMs?: number | undefined
  readonly task: TaskReporter
  readonly signal?: AbortSignal | undefined
}

/** A training dataset on disk, with all that training needs to know about how it was made. */
export interface BuiltDataset {
  readonly dataset: TrainingDataset
  readonly signature: Signature
  readonly sources: TrainingSources
  readonly snapshots: readonly SnapshotReference[]
  readonly labels: LabelCounts
  readonly join: JoinReport
  readonly onDemand?: ModuleBundle | undefined
}

/** Spine -> labels as known -> point-in-time join -> on-demand columns -> splits -> immutable training dataset. */
export async function buildDataset(options: DatasetOptions): Promise<BuiltDataset> {
  const { engine, project, model } = options
  // What is wrong with code is said before anything takes long.
  const onDemand = model.onDemand && (await bundleModule(model.onDemand.module))
  const sources = await openTrainingSources(engine, project, model, options.pins)
  // From here on tables of the engine are read, and files of the store through them.
  const snapshotsRead = [...sources.groups.values()].map(({ snapshot }) => snapshot)
  return whileReading(snapshotsRead, () => build(options, sources, onDemand))
}

async function build(
  options: DatasetOptions,
  sources: TrainingSources,
  onDemand: ModuleBundle | undefined,
): Promise<BuiltDataset> {
  const { engine, project, model, task, signal } = options
  const asOf = await newestKnownLabel(engine, viewOf(sources, model.label.group), options.asOf)
  const signature = signatureOf(model, sources.groups)
  task.update('spine')
  await createSpine(engine, project, model, sources, signal)
  const labels = await joinLabels(engine, model, viewOf(sources, model.label.group), asOf, signal)
  if (onDemand) await proveOnDemand(engine, onDemand, onDemandSpec(signature), signal)
  task.update(`joining ${countedInGroups(labels.mature, 'row')}`)
  const join = await joinSpine(options, sources, signature)
  const examples = await createExamples(options, sources, signature, onDemand)
  const split = await splitByTime(engine, {
    relation: examples,
    time: model.time,
    split: model.split,
    model: model.name,
  })
  const snapshots = [...sources.groups.values()].map((view) => view.reference)
  const dataset = await writeDataset({
    engine,
    root: project.store,
    model: model.name,
    relation: examples,
    time: model.time,
    split,
    asOf,
    snapshots,
    inputs: {
      spine: sources.spineDigest,
      signature,
      label: model.label,
      onDemand: onDemand?.digest,
      ignoreAvailableAt: options.ignoreAvailableAt ?? false,
      shiftAvailabilityMs: options.shiftAvailabilityMs ?? 0,
    },
    making: { labels, groups: join.groups },
    signal,
  })
  return { dataset, signature, sources, snapshots, labels, join, onDemand }
}

function viewOf(sources: TrainingSources, group: string): GroupView {
  const view = sources.groups.get(group)
  if (!view) throw new Error(`group ${group} was not opened`)
  return view
}

async function joinSpine(options: DatasetOptions, sources: TrainingSources, signature: Signature): Promise<JoinReport> {
  const { engine, model, ignoreAvailableAt, shiftAvailabilityMs, signal } = options
  const columns = [...neededColumns(model, sources.groups).keys()].map(quoteName).join(', ')
  const join = await joinFeatures(engine, {
    signature,
    groups: sources.groups,
    // The order of rows is part of the dataset: equal inputs give equal files and, with a seed, equal weights.
    spine: `SELECT ${columns}, _label FROM _labelled ORDER BY ${quoteName(model.time)}, ${columns}`,
    time: model.time,
    output: '_joined',
    ignoreAvailableAt,
    shiftAvailabilityMs,
    signal,
  })
  if (join.groups.length > 0 && join.groups.every((group) => group.matched === 0)) throw nothingMatched(model, join)
  return join
}

/** `_joined` with the outputs of the on-demand function; returns a relation with `_row`. */
async function createExamples(
  options: DatasetOptions,
  sources: TrainingSources,
  signature: Signature,
  bundle: ModuleBundle | undefined,
): Promise<string> {
  const { engine, model, signal } = options
  const needed = neededColumns(model, sources.groups)
  const kept = [...new Set([...needed.keys(), ...signature.columns.map(({ name }) => name)])]
  if (bundle === undefined) return `SELECT _row, ${kept.map(quoteName).join(', ')}, _label FROM _joined`
  const spec = onDemandSpec(signature)
  const run = await importOnDemand(Buffer.from(bundle.code), model.onDemand?.module ?? '')
  await addOnDemandColumns(engine, run, spec, { from: '_joined', to: '_on_demand', signal })
  const items = kept.map((name) => (name in spec.outputs ? `o.${quoteName(name)}` : `j.${quoteName(name)}`))
  return `SELECT j._row, ${items.join(', ')}, j._label FROM _joined j JOIN _on_demand o USING (_row)`
}

const provenRows = 50

/** Labelled rows, spread over the data by hash, go through the code under two clocks and time zones. */
async function proveOnDemand(
  engine: Engine,
  bundle: ModuleBundle,
  spec: OnDemandSpec,
  signal: AbortSignal | undefined,
): Promise<void> {
  const inputs = Object.keys(spec.inputs).map(quoteName).join(', ')
  const samples = await engine.rows<Record<string, string | number | boolean | null>>(
    `SELECT * FROM (SELECT DISTINCT ${inputs} FROM _labelled) ORDER BY hash(${inputs}) LIMIT ${provenRows}`,
  )
  await proveDeterministic({ code: bundle.code, spec, samples, signal })
}

function nothingMatched(model: Model, join: JoinReport): FtiError {
  return new FtiError(trainingErrors.FTI_SPINE_NO_MATCH, {
    message: `no row of the spine of '${model.name}' has a value of any feature group`,
    place: `models.${model.name}.features`,
    remedy: 'compare the entity keys and times of the spine with those of the groups: fti feature show GROUP',
    detail: join.groups
      .map((group) => `${group.name}: ${group.matched} matched, ${group.tooOld} older than maxAge`)
      .join('\n'),
  })
}
