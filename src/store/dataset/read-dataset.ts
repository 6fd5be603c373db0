import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { didYouMean, digestOf, FtiError, isSafeName, isSystemError, safeName, sha256File } from '../../base/index.ts'
import { storeErrors } from '../errors.ts'
import type { DatasetManifest, TrainingDataset } from './dataset-manifest.ts'
import { type DatasetPart, datasetParts } from './split-by-time.ts'

/** A dataset in a listing; one that cannot be read is shown as that, and hides no other. */
export type DatasetEntry =
  | { readonly id: string; readonly dataset: TrainingDataset }
  | { readonly id: string; readonly corrupt: string }

/** Models that have training datasets. */
export async function listDatasetModels(root: string): Promise<string[]> {
  return safeEntries(join(root, '_training'))
}

/** Folder of a model's training datasets. */
export function datasetsPath(root: string, model: string): string {
  return join(root, '_training', safeName(model, 'model'))
}

/** A dataset whose manifest and files all have the digests they were written with. */
export async function readDataset(root: string, model: string, id: string): Promise<TrainingDataset> {
  const dataset = await findDataset(root, model, id)
  if (dataset === undefined) throw await unknownDataset(root, model, id)
  for (const part of datasetParts) {
    const path = dataset.paths[part]
    const actual = await sha256File(path).catch((error: unknown) => {
      if (isSystemError(error, 'ENOENT')) return 'missing'
      throw error
    })
    if (actual !== dataset.files[part].sha256)
      throw corrupt(dataset.directory, `${basename(path)} is not what was written`)
  }
  return dataset
}

/** A dataset by its manifest alone; the files are not read. `undefined` when there is none of this id. */
export async function findDataset(root: string, model: string, id: string): Promise<TrainingDataset | undefined> {
  const directory = join(datasetsPath(root, model), safeName(id, 'dataset'))
  const text = await readFile(join(directory, 'manifest.json'), 'utf8').catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  })
  if (text === undefined) {
    // A dataset appears whole, so a folder without its manifest has lost it.
    if (await exists(directory)) throw corrupt(directory, 'manifest.json is missing')
    return undefined
  }
  const manifest = parseManifest(text, directory)
  if (manifest.id !== id || manifest.digest !== manifestDigest(manifest)) {
    throw corrupt(directory, 'manifest.json has another digest than it was written with')
  }
  return withPaths(manifest, directory)
}

/** All datasets of a model, newest first. */
export async function listDatasets(root: string, model: string): Promise<DatasetEntry[]> {
  const entries: DatasetEntry[] = []
  for (const id of await datasetIds(root, model)) {
    try {
      const dataset = await findDataset(root, model, id)
      if (dataset !== undefined) entries.push({ id, dataset })
    } catch (error) {
      if (!(error instanceof FtiError)) throw error
      entries.push({ id, corrupt: error.message })
    }
  }
  const created = (entry: DatasetEntry) => ('dataset' in entry ? entry.dataset.created : '')
  return entries.sort((a, b) => (created(a) < created(b) ? 1 : -1))
}

/** When and how a dataset was made is no part of what it is: made again, it is the same. */
export function manifestDigest({ digest: _, created: __, making: ___, ...content }: DatasetManifest): string {
  return digestOf(content)
}

export function withPaths(manifest: DatasetManifest, directory: string): TrainingDataset {
  const each = <T>(value: (part: DatasetPart) => T): Record<DatasetPart, T> => ({
    train: value('train'),
    validation: value('validation'),
    test: value('test'),
  })
  return {
    ...manifest,
    directory,
    rows: each((part) => manifest.files[part].rows),
    paths: each((part) => join(directory, manifest.files[part].name ?? `${part}.parquet`)),
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
}

function parseManifest(text: string, directory: string): DatasetManifest {
  try {
    const manifest = JSON.parse(text) as DatasetManifest
    if (manifest.format === 1 && datasetParts.every((part) => typeof manifest.files[part].sha256 === 'string')) {
      return manifest
    }
  } catch (error) {
    throw corrupt(directory, 'manifest.json cannot be read', error)
  }
  throw corrupt(directory, 'manifest.json has a format that this version of fti does not know')
}

async function datasetIds(root: string, model: string): Promise<string[]> {
  return safeEntries(datasetsPath(root, model))
}

async function safeEntries(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  })
  return names.filter(isSafeName).sort()
}

function corrupt(directory: string, what: string, cause?: unknown): FtiError {
  return new FtiError(storeErrors.FTI_DATASET_CORRUPT, {
    message: `a training dataset is damaged: ${what}`,
    place: directory,
    remedy: `move the folder away and build it anew with: fti dataset build; the folder is ${directory}`,
    cause,
  })
}

async function unknownDataset(root: string, model: string, id: string): Promise<FtiError> {
  const known = await datasetIds(root, model)
  return new FtiError(storeErrors.FTI_DATASET_UNKNOWN, {
    message: `model '${model}' has no training dataset '${id}'`,
    place: datasetsPath(root, model),
    remedy: known.length === 0 ? `build one: fti dataset build ${model}` : didYouMean(id, known),
    data: { model, id, known },
  })
}
