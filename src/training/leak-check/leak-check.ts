import { counted, formatDuration, type Reporter } from '../../base/index.ts'
import type { Model } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { whileReading } from '../../store/index.ts'
import { chooseModel } from '../choose-model.ts'
import { type BuiltDataset, buildDataset } from '../dataset/build-dataset.ts'
import { implausibleScore, singleFeatureScores } from '../evaluation/leakage.ts'
import { readSplit } from '../read-split.ts'
import { withEngine } from '../store-engine.ts'
import { type Availability, checkAvailability } from './availability.ts'
import { checkOverlap, type Overlap } from './overlap.ts'
import { shiftedScores } from './shifted-scores.ts'

export interface LeakCheckRequest {
  readonly project: Project
  /** May be left out in a project with one model. */
  readonly model?: string | undefined
  readonly asOf: Date
  /** Also scores the features as if everything had become known later by this much. */
  readonly shiftMs?: number | undefined
  readonly reporter: Reporter
  readonly signal?: AbortSignal | undefined
}

export interface LeakCheck {
  readonly model: string
  readonly dataset: string
  /** What must be explained before the model can be trusted; empty when nothing was found. */
  readonly problems: readonly string[]
  readonly scores: readonly FeatureScore[]
  readonly availability: Availability
  readonly overlap: readonly Overlap[]
}

export interface FeatureScore {
  readonly column: string
  /** How well the column alone orders the labels of the training rows: AUC, or squared correlation in a regression. */
  readonly score: number
  /** The same if it had been known later; null for columns that come with the request, or when it was not asked. */
  readonly shifted: number | null
  readonly isImplausible: boolean
}

/** Looks for the future in a model's training data: in its features' scores, in what was known when, and in its splits. */
export async function leakCheck(request: LeakCheckRequest): Promise<LeakCheck> {
  const { project, reporter } = request
  const model = chooseModel(project, request.model, 'fti feature leakcheck')
  return reporter.task(`leak check of ${model.name}`, (task) =>
    withEngine(project, async (engine) => {
      const built = await buildDataset({ ...request, engine, model, task })
      task.update('scores of single features')
      const read = [...built.sources.groups.values()].map(({ snapshot }) => snapshot)
      const scores = await whileReading(read, () => scoreFeatures(engine, model, built, request))
      task.update('what was known when')
      const availability = await whileReading(read, () => checkAvailability(engine, model, built, request.signal))
      const overlap = await checkOverlap(engine, model, built)
      const problems = problemsOf(scores, availability, overlap)
      return { model: model.name, dataset: built.dataset.id, problems, scores, availability, overlap }
    }),
  )
}

async function scoreFeatures(
  engine: Engine,
  model: Model,
  built: BuiltDataset,
  { shiftMs, signal }: LeakCheckRequest,
): Promise<FeatureScore[]> {
  const train = await readSplit(engine, built.dataset.paths.train, built.signature, [], signal)
  const names = built.signature.columns.map(({ name }) => name)
  const columns = Object.fromEntries(Object.entries(train.columns.columns).filter(([name]) => names.includes(name)))
  const scores = singleFeatureScores(columns, train.labels, model.task)
  const shifted = shiftMs === undefined ? undefined : await shiftedScores(engine, model, built, shiftMs, signal)
  return [...scores]
    .map(([column, score]) => {
      return { column, score, shifted: shifted?.get(column) ?? null, isImplausible: score >= implausibleScore }
    })
    .sort((a, b) => b.score - a.score)
}

function problemsOf(
  scores: readonly FeatureScore[],
  availability: Availability,
  overlap: readonly Overlap[],
): string[] {
  const { rows, afterLabel, earliestMs, groups } = availability
  const shown = (part: number) => `${part} of ${counted(rows, 'row')}`
  return [
    ...scores
      .filter(({ isImplausible }) => isImplausible)
      .map(({ column, score }) => `${column} alone scores ${score.toFixed(3)}: it probably knows the label`),
    ...(afterLabel === 0
      ? []
      : [
          `${shown(afterLabel)} ask for a prediction when the label is known already, up to ${formatDuration(earliestMs)} before`,
        ]),
    ...groups
      .filter((group) => group.afterLabel > 0)
      .map(({ name, afterLabel: late }) => `${shown(late)} take a value of ${name} that became known after the label`),
    ...overlap
      .filter(({ isLabelled, shared }) => isLabelled && shared > 0)
      .map(({ key, shared }) => `${shared} labelled ${key.join(', ')} of test are in train too`),
  ]
}
