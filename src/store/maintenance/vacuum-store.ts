import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FtiError, isSafeName, isSystemError } from '../../base/index.ts'
import type { SnapshotReference } from '../../contract/index.ts'
import { datasetsPath, listDatasets } from '../dataset/read-dataset.ts'
import { storeErrors } from '../errors.ts'
import type { StoreWork } from './optimize-store.ts'
import { type StoreTable, storeTables } from './store-tables.ts'
import { type Vacuumed, vacuumTable } from './vacuum-table.ts'

export interface VacuumWork extends Omit<StoreWork, 'tempDirectory'> {
  readonly retentionMs: number
  readonly apply: boolean
}

export type VacuumedTable = Pick<StoreTable, 'group' | 'name'> & Vacuumed

/**
 * Names, or deletes, the data files that nobody needs, table by table; see `vacuumTable`. The snapshots of all training datasets
 * are pinned.
 */
export async function vacuumStore(work: VacuumWork): Promise<VacuumedTable[]> {
  const tables = await storeTables(work.root, work.groups)
  const pinned = await pinnedSnapshots(work.root)
  const vacuumed: VacuumedTable[] = []
  for (const { group, name, path } of tables) {
    const pins = pinned
      .filter((reference) => reference.group === group && `v${reference.contractVersion}` === name)
      .map(({ snapshot }) => snapshot)
    vacuumed.push({ group, name, ...(await vacuumTable(path, { ...work, pins })) })
  }
  return vacuumed
}

/** The snapshots from which training datasets were made. One that cannot be read may need any: then nothing is vacuumed. */
async function pinnedSnapshots(root: string): Promise<SnapshotReference[]> {
  const pinned: SnapshotReference[] = []
  for (const model of await modelsWithDatasets(root)) {
    for (const entry of await listDatasets(root, model)) {
      if ('corrupt' in entry) throw unknownNeeds(join(datasetsPath(root, model), entry.id), entry.corrupt)
      pinned.push(...entry.dataset.snapshots)
    }
  }
  return pinned
}

/** Models that have training datasets, by name. */
export async function modelsWithDatasets(root: string): Promise<string[]> {
  const names = await readdir(join(root, '_training')).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  })
  return names.filter(isSafeName).sort()
}

function unknownNeeds(directory: string, problem: string): FtiError {
  return new FtiError(storeErrors.FTI_DATASET_CORRUPT, {
    message: `${problem}, so nobody can say which snapshots it needs`,
    place: directory,
    remedy: `move the folder away and vacuum again: ${directory}`,
  })
}
