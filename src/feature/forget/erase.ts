import { join } from 'node:path'
import type { Engine } from '../../engine/index.ts'
import { listSyncStates } from '../../online/index.ts'
import type { Project } from '../../project/index.ts'
import { acquireLock, type Lock } from '../../runs/index.ts'
import {
  type ForgetWork,
  forgetInDataset,
  forgetInTable,
  readContracts,
  tidyDatasets,
  tidyGroup,
} from '../../store/index.ts'
import { syncGroup } from '../sync/sync.ts'
import type { ForgetScope } from './forget-scope.ts'
import type { Erasure } from './plan-erasure.ts'

/** Keeps runs and syncs of these groups away; in one order, so that two of us cannot wait for each other. */
export async function lockGroups(
  project: Pick<Project, 'store'>,
  groups: readonly string[],
  request: { readonly command: string; readonly waitMs: number; readonly signal?: AbortSignal | undefined },
): Promise<Pick<Lock, 'release'>> {
  const locks: Lock[] = []
  const release = async () => {
    for (const lock of locks.splice(0)) await lock.release()
  }
  try {
    for (const group of groups.toSorted()) locks.push(await acquireLock(join(project.store, '_locks'), group, request))
  } catch (error) {
    await release()
    throw error
  }
  return { release }
}

/**
 * Erases what a plan has found. The tables come first, so that no dataset can be made with the entity again; then the datasets;
 * then the online store, which is filled from the tables. Each step finds what is left of it by itself, so after a crash the
 * same command goes on.
 */
export async function erase(
  project: Pick<Project, 'store' | 'online'>,
  scope: ForgetScope,
  { tables, datasets }: Erasure,
  work: ForgetWork,
): Promise<void> {
  const { engine, signal, now } = work
  for (const group of scope.groups) {
    const versions = tables.filter((table) => table.group === group)
    // What a run that was killed has left is in no version, and may hold the entity too.
    for (const { version } of await readContracts(project.store, group))
      await tidyGroup(project.store, { group, contractVersion: version })
    for (const table of versions) await forgetInTable(table, work)
  }
  await tidyDatasets(project.store)
  for (const dataset of datasets) await forgetInDataset(dataset, work)
  await syncAgain(engine, project, scope.groups, { now, signal })
}

/** Twice, since a store of files keeps the values of the sync before the newest for those who are opening them. */
async function syncAgain(
  engine: Engine,
  project: Pick<Project, 'store' | 'online'>,
  groups: readonly string[],
  { now, signal }: Pick<ForgetWork, 'now' | 'signal'>,
): Promise<void> {
  const synced = (await listSyncStates(project.online)).filter(({ group }) => groups.includes(group))
  for (const { group, contractVersion, state } of [...synced, ...synced]) {
    const asOf = state.asOf === null ? undefined : new Date(state.asOf)
    await syncGroup(engine, project, group, { now, asOf, contractVersion, signal })
  }
}
