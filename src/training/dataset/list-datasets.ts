import type { Project } from '../../project/index.ts'
import { listDatasetModels, listDatasets } from '../../store/index.ts'
import { trainedVersions } from './trained-versions.ts'

/** One line of `fti dataset list`. */
export interface ListedDataset {
  readonly model: string
  readonly id: string
  readonly created: string | null
  readonly asOf: string | null
  readonly rows: Readonly<Record<'train' | 'validation' | 'test', number>> | null
  readonly bytes: number
  /** Versions that were trained on it. */
  readonly versions: readonly number[]
  /** What is wrong with one that cannot be read; null when all is well. */
  readonly problem: string | null
}

/** The training datasets of one model, or of all, newest first. */
export async function listTrainingDatasets(
  { store, registry }: Pick<Project, 'store' | 'registry'>,
  model?: string,
): Promise<ListedDataset[]> {
  const models = model === undefined ? await listDatasetModels(store) : [model]
  const listed = await Promise.all(
    models.map(async (name) => {
      const versions = await trainedVersions(registry, name)
      return (await listDatasets(store, name)).map((entry): ListedDataset => {
        const known = { model: name, id: entry.id, versions: versions.get(entry.id) ?? [] }
        if ('corrupt' in entry)
          return { ...known, created: null, asOf: null, rows: null, bytes: 0, problem: entry.corrupt }
        const { created, asOf, rows, files } = entry.dataset
        const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0)
        return { ...known, created, asOf, rows, bytes, problem: null }
      })
    }),
  )
  return listed.flat()
}
