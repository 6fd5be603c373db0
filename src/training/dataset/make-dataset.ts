import type { Reporter } from '../../base/index.ts'
import type { Project } from '../../project/index.ts'
import { listDatasets, type TrainingDataset } from '../../store/index.ts'
import { buildDataset } from '../build-dataset.ts'
import { chooseModel } from '../choose-model.ts'
import { withEngine } from '../store-engine.ts'
import { type DatasetDescription, describeDataset } from './describe-dataset.ts'

export interface DatasetToMake {
  readonly project: Project
  /** May be left out in a project with one model. */
  readonly model?: string | undefined
  /** Labels and features are those known at this moment. */
  readonly asOf: Date
  readonly ignoreAvailableAt?: boolean | undefined
  readonly shiftAvailabilityMs?: number | undefined
  readonly reporter: Reporter
  readonly signal?: AbortSignal | undefined
}

export interface MadeDataset extends DatasetDescription {
  /** `found` when the same inputs had given it before. */
  readonly status: 'built' | 'found'
}

/** The training dataset of a model without training: the one that `train` would make, or finds, at this moment. */
export async function makeDataset(request: DatasetToMake): Promise<MadeDataset> {
  const { project, reporter } = request
  const model = chooseModel(project, request.model, 'fti dataset build')
  const before = await listDatasets(project.store, model.name)
  const dataset = await reporter.task(`dataset for ${model.name}`, (task) =>
    withEngine(project, async (engine): Promise<TrainingDataset> => {
      const built = await buildDataset({ ...request, engine, model, task })
      return built.dataset
    }),
  )
  const status = before.some(({ id }) => id === dataset.id) ? 'found' : 'built'
  return { status, ...(await describeDataset(project, dataset)) }
}
