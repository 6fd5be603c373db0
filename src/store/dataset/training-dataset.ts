import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  digestOf,
  FtiError,
  openStaging,
  removeDeadStaging,
  sha256File,
  storageError,
  throwIfCancelled,
  withCleanUp,
} from '../../base/index.ts'
import type { SnapshotReference } from '../../contract/index.ts'
import { type Engine, inFrom, quoteName } from '../../engine/index.ts'
import { valueTypeOf } from '../delta/column-type.ts'
import { storeErrors } from '../errors.ts'
import type { DatasetColumn, DatasetFile, DatasetMaking, DatasetManifest, TrainingDataset } from './dataset-manifest.ts'
import { datasetsPath, findDataset, manifestDigest, readDataset, withPaths } from './read-dataset.ts'
import { type DatasetPart, datasetParts, type Split } from './split-by-time.ts'

export interface DatasetToWrite {
  readonly engine: Engine
  readonly root: string
  readonly model: string
  /** SQL of the rows, one an example, with `_row`: files hold them in its order. */
  readonly relation: string
  /** Column by which the rows were split. */
  readonly time: string
  readonly split: Split
  /** Labels and features are those known at this moment. */
  readonly asOf: Date
  readonly snapshots: readonly SnapshotReference[]
  /** Everything else that the rows depend on, as plain JSON: digests of SQL and code, choices. Becomes part of the id. */
  readonly inputs: Readonly<Record<string, unknown>>
  readonly making?: DatasetMaking | undefined
  readonly now?: Date | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes an immutable training dataset, or finds the one that was made from the same inputs before.
 * It appears whole under `_training/<model>/<id>` or not at all. Errors: FTI_SPLIT_EMPTY, FTI_DATASET_CORRUPT.
 */
export async function writeDataset(request: DatasetToWrite): Promise<TrainingDataset> {
  const { root, model, signal } = request
  const columns = await columnsOf(request)
  const id = datasetId(request, columns)
  const folder = datasetsPath(root, model)
  await removeDeadStaging(folder)
  if ((await findDataset(root, model, id)) !== undefined) return readDataset(root, model, id)
  const staging = await openStaging(folder)
  const write = async () => {
    const files = await writeParts(request, columns, staging.path)
    const manifest = describeDataset(request, id, columns, files)
    const path = join(staging.path, 'manifest.json')
    await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`).catch((error: unknown) => {
      throw storageError(error, path)
    })
    throwIfCancelled(signal)
    const directory = join(folder, id)
    if (await staging.publish(directory)) return withPaths(manifest, directory)
    // Another run with the same inputs was faster, and so made the same dataset.
    return readDataset(root, model, id)
  }
  return withCleanUp(write, () => staging.discard())
}

async function columnsOf({ engine, relation }: DatasetToWrite): Promise<DatasetColumn[]> {
  const columns = await engine.describe(`SELECT * FROM ${inFrom(relation)}`)
  return columns.map(({ name, type }) => ({ name, type: valueTypeOf(type) ?? type }))
}

function datasetId({ model, asOf, snapshots, inputs, time, split }: DatasetToWrite, columns: DatasetColumn[]): string {
  return digestOf({ format: 1, model, asOf, snapshots, inputs, time, split, columns }).slice(0, 20)
}

async function writeParts(
  request: DatasetToWrite,
  columns: readonly DatasetColumn[],
  folder: string,
): Promise<Record<DatasetPart, DatasetFile>> {
  const { engine, relation, split, model, signal } = request
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  const written = {} as Record<DatasetPart, DatasetFile>
  for (const part of datasetParts) {
    const path = join(folder, `${part}.parquet`)
    const { rows, bytes } = await engine.writeParquet(
      `SELECT ${names} FROM ${inFrom(relation)} WHERE ${split.parts[part]} ORDER BY _row`,
      path,
      { signal },
    )
    if (rows === 0) throw emptyPart(model, part)
    written[part] = { sha256: await sha256File(path), bytes, rows }
  }
  return written
}

function describeDataset(
  request: DatasetToWrite,
  id: string,
  columns: readonly DatasetColumn[],
  files: Record<DatasetPart, DatasetFile>,
): DatasetManifest {
  const { model, asOf, snapshots, inputs, time, split, making, now = new Date() } = request
  const manifest: DatasetManifest = {
    format: 1,
    id,
    model,
    asOf: asOf.toISOString(),
    created: now.toISOString(),
    snapshots,
    inputs,
    time,
    columns,
    boundaries: split.boundaries,
    files,
    making,
    digest: '',
  }
  return { ...manifest, digest: manifestDigest(manifest) }
}

function emptyPart(model: string, part: DatasetPart): FtiError {
  return new FtiError(storeErrors.FTI_SPLIT_EMPTY, {
    message: `the ${part} part of '${model}' has no rows`,
    place: `models.${model}.split`,
    remedy: 'choose other conditions or lengths for the split',
    data: { model, part },
  })
}
