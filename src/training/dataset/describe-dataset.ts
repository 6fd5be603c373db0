import { columnOf, type Signature, type SnapshotReference } from '../../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import {
  type DatasetMaking,
  type DatasetPart,
  datasetParts,
  type GroupReport,
  readDataset,
  type TrainingDataset,
} from '../../store/index.ts'
import { withEngine } from '../store-engine.ts'
import { findDatasetOf } from './find-dataset.ts'
import { trainedVersions } from './trained-versions.ts'

/** Shape and origin of a training dataset. */
export interface DatasetDescription {
  readonly model: string
  readonly id: string
  readonly directory: string
  readonly created: string
  readonly asOf: string
  /** Rows that `fti feature forget` has erased since; null when none. */
  readonly forgotten: NonNullable<TrainingDataset['forgotten']> | null
  readonly columns: TrainingDataset['columns']
  readonly snapshots: readonly SnapshotReference[]
  /** Null in datasets that were made before this was kept. */
  readonly labels: DatasetMaking['labels'] | null
  readonly groups: readonly DescribedGroup[]
  readonly parts: readonly DescribedPart[]
  /** Leaks: values were taken that were not known yet. */
  readonly ignoreAvailableAt: boolean
  readonly shiftAvailabilityMs: number
  /** Versions that were trained on it. */
  readonly versions: readonly number[]
}

/** One use of a feature group: what was joined, and how. */
export interface DescribedGroup {
  readonly group: string
  readonly snapshot: number | null
  /** Key column of the group -> column of the spine. */
  readonly on: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  readonly maxAgeMs: number | null
  readonly plan: GroupReport['plan'] | null
  readonly lateShare: number | null
  readonly matched: number | null
  readonly tooOld: number | null
}

export interface DescribedPart {
  readonly part: DatasetPart
  readonly rows: number
  readonly bytes: number
  readonly path: string
  readonly first: string
  readonly last: string
  /** Share of positives, or the mean of a numeric label. */
  readonly labelMean: number
}

/** Describes the dataset that a reference names; every file is checked against its digest. */
export async function showDataset(project: Project, reference: string): Promise<DatasetDescription> {
  const { model, id } = await findDatasetOf(project, reference)
  return describeDataset(project, await readDataset(project.store, model, id))
}

export async function describeDataset(project: Project, dataset: TrainingDataset): Promise<DatasetDescription> {
  const { model, id, directory, created, asOf, columns, snapshots, inputs, making } = dataset
  const versions = await trainedVersions(project.registry, model)
  return {
    model,
    id,
    directory,
    created,
    asOf,
    forgotten: dataset.forgotten ?? null,
    columns,
    snapshots,
    labels: making?.labels ?? null,
    groups: describeGroups(dataset),
    parts: await withEngine(project, (engine) => describeParts(engine, dataset)),
    ignoreAvailableAt: inputs['ignoreAvailableAt'] === true,
    shiftAvailabilityMs: Number(inputs['shiftAvailabilityMs'] ?? 0),
    versions: versions.get(id) ?? [],
  }
}

function describeGroups({ inputs, snapshots, making }: TrainingDataset): DescribedGroup[] {
  const { groups } = inputs['signature'] as Signature
  return groups.map((selection, index) => {
    const report = making?.groups[index]
    return {
      group: selection.group,
      snapshot: snapshots.find(({ group }) => group === selection.group)?.snapshot ?? null,
      on: selection.on,
      columns: selection.pick.map((feature) => columnOf(selection, feature)),
      maxAgeMs: selection.maxAgeMs ?? null,
      plan: report?.plan ?? null,
      lateShare: report?.lateShare ?? null,
      matched: report?.matched ?? null,
      tooOld: report?.tooOld ?? null,
    }
  })
}

async function describeParts(engine: Engine, { time, files, paths, rows }: TrainingDataset): Promise<DescribedPart[]> {
  const parts: DescribedPart[] = []
  for (const part of datasetParts) {
    const [found] = await engine.rows<Pick<DescribedPart, 'first' | 'last' | 'labelMean'>>(
      `SELECT min(${quoteName(time)}) AS first, max(${quoteName(time)}) AS last, avg(_label) AS "labelMean"
       FROM read_parquet(${quoteText(paths[part])})`,
    )
    if (found) parts.push({ part, rows: rows[part], bytes: files[part].bytes, path: paths[part], ...found })
  }
  return parts
}
