import { join } from 'node:path'
import { removeDeadStaging } from '../../base/index.ts'
import { datasetsPath, listDatasetModels, listDatasets } from '../dataset/read-dataset.ts'

/** Removes what erasures that died have left in training datasets, also in those that hold nothing of the entity any more. */
export async function tidyDatasets(root: string): Promise<void> {
  for (const model of await listDatasetModels(root))
    for (const { id } of await listDatasets(root, model)) await removeDeadStaging(join(datasetsPath(root, model), id))
}
