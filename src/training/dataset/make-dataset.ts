import type { Reporter } from '../../base/index.ts'
import type { Project } from '../../project/index.ts'
import { listDatasets, type Pin, type TrainingDataset } from '../../store/index.ts'
import { chooseModel } from '../choose-model.ts'
import { withEngine } from '../store-engine.ts'
import { buildDataset, type DatasetOptions } from './build-dataset.ts'
import { type DatasetDescription, describeDataset } from './describe-dataset.ts'
import { lineageOfVersion, type VersionLineage } from './version-lineage.ts'

export interface DatasetToMake {
  readonly project: Project
  /** A model, or a version whose snapshots and moment are taken again; may be left out in a project with one model. */
  readonly model?: string | undefined
  /** Labels and features are those known at this moment; that of the version, or now, unless given. */
  readonly asOf?: Date | undefined
  readonly ignoreAvailableAt?: boolean | undefined
  readonly shiftAvailabilityMs?: number | undefined
  readonly reporter: Reporter
  readonly signal?: AbortSignal | undefined
}

export interface MadeDataset extends DatasetDescription {
  /** `found` when the same inputs had given it before. */
  readonly status: 'built' | 'found'
  /** The version was trained on another dataset than this: its spine, code or features are declared differently now. */
  readonly differsFrom: { readonly version: string; readonly dataset: string } | null
}

/** The training dataset of a model without training: the one that `train` would make, or finds, at this moment. */
export async function makeDataset(request: DatasetToMake): Promise<MadeDataset> {
  const { project, reporter } = request
  const again = request.model?.includes('@') ? await lineageOfVersion(project.registry, request.model) : undefined
  const model = chooseModel(project, again?.model ?? request.model, 'fti dataset build')
  const before = await listDatasets(project.store, model.name)
  const dataset = await reporter.task(`dataset for ${model.name}`, (task) =>
    withEngine(project, async (engine): Promise<TrainingDataset> => {
      const built = await buildDataset({ ...request, ...inputsOf(request, again), engine, model, task })
      return built.dataset
    }),
  )
  const status = before.some(({ id }) => id === dataset.id) ? 'found' : 'built'
  const expected = again?.lineage.dataset.id ?? dataset.id
  const version = `${again?.model}@${again?.version}`
  const differsFrom = expected === dataset.id ? null : { version, dataset: expected }
  return { status, differsFrom, ...(await describeDataset(project, dataset)) }
}

/** What a version was made from, where the request does not say otherwise. */
function inputsOf(
  request: DatasetToMake,
  again: VersionLineage | undefined,
): Pick<DatasetOptions, 'asOf' | 'pins' | 'ignoreAvailableAt'> {
  const pins = again?.lineage.snapshots.map(({ group, contractVersion, snapshot }): [string, Pin] => [
    group,
    { contractVersion, at: snapshot },
  ])
  return {
    asOf: request.asOf ?? (again ? new Date(again.lineage.dataset.asOf) : new Date()),
    pins: pins && new Map(pins),
    ignoreAvailableAt: request.ignoreAvailableAt || again?.lineage.ignoreAvailableAt,
  }
}
