import { didYouMean, FtiError } from '../../base/index.ts'
import type { Project } from '../../project/index.ts'
import { listModels } from '../../registry/index.ts'
import { findDataset, listDatasetModels, listDatasets, storeErrors, type TrainingDataset } from '../../store/index.ts'
import { lineageOfVersion } from './version-lineage.ts'

type Stores = Pick<Project, 'store' | 'registry' | 'models'>

/**
 * The dataset that a reference names: `late_departure` the newest one of a model, `late_departure@3` or
 * `late_departure@champion` the one that a version was trained on, otherwise an id or the beginning of one.
 */
export async function findDatasetOf(stores: Stores, reference: string): Promise<TrainingDataset> {
  if (reference.includes('@')) return ofVersion(stores, reference)
  const models = await listDatasetModels(stores.store)
  if (models.includes(reference)) {
    const [newest] = await readable(stores.store, reference)
    if (newest !== undefined) return newest
  }
  return byId(stores, reference, models)
}

async function ofVersion({ store, registry }: Stores, reference: string): Promise<TrainingDataset> {
  const { model, version, lineage } = await lineageOfVersion(registry, reference)
  const { id } = lineage.dataset
  const found = await findDataset(store, model, id)
  if (found !== undefined) return found
  throw new FtiError(storeErrors.FTI_DATASET_UNKNOWN, {
    message: `${model}@${version} was trained on dataset ${id}, which is gone`,
    place: store,
    remedy: `make it again from the same snapshots: fti dataset build ${model}@${version}`,
    data: { model, version, id },
  })
}

async function byId({ store, registry, models: declared }: Stores, reference: string, models: readonly string[]) {
  const found: TrainingDataset[] = []
  if (/^[0-9a-f]{6,}$/.test(reference)) {
    for (const model of models) {
      for (const entry of await listDatasets(store, model)) {
        if (!entry.id.startsWith(reference)) continue
        // A damaged one is read once more for its own error, which names the damage and the way out.
        const dataset = 'dataset' in entry ? entry.dataset : await findDataset(store, model, entry.id)
        if (dataset !== undefined) found.push(dataset)
      }
    }
  }
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  const known = [...new Set([...declared.keys(), ...models, ...(await listModels(registry))])]
  throw new FtiError(storeErrors.FTI_DATASET_UNKNOWN, {
    message:
      first === undefined
        ? `no training dataset is called '${reference}'`
        : `'${reference}' begins the ids of ${found.length} training datasets`,
    place: store,
    remedy:
      first === undefined
        ? known.includes(reference)
          ? `make one: fti dataset build ${reference}`
          : `${didYouMean(reference, known)}; fti dataset list names all, fti dataset build MODEL makes one`
        : `write more of it: ${found.map(({ id }) => id).join(', ')}`,
    data: { reference, models: known },
  })
}

async function readable(store: string, model: string): Promise<TrainingDataset[]> {
  return (await listDatasets(store, model)).flatMap((entry) => ('dataset' in entry ? [entry.dataset] : []))
}
