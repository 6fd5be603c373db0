import { join } from 'node:path'
import {
  countedInGroups,
  didYouMean,
  FtiError,
  type Reporter,
  throwIfCancelled,
  withCleanUp,
} from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { SyncState } from '../../online/index.ts'
import type { Project } from '../../project/index.ts'
import { acquireLock } from '../../runs/index.ts'
import { latestContract, listGroups } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { openProjectEngine } from '../project-engine.ts'
import { listReaders } from '../readers.ts'
import { onlineVersions } from './online-versions.ts'
import { syncGroup } from './sync.ts'

export interface SyncGroupsOptions {
  readonly project: Project
  /** Those that the online store holds when empty. */
  readonly groups: readonly string[]
  readonly asOf?: Date | undefined
  readonly now: Date
  readonly command: string
  readonly lockWaitMs: number
  readonly reporter: Reporter
  readonly signal?: AbortSignal | undefined
}

/** One contract version of a group in the online store. */
export interface GroupSync {
  readonly group: string
  readonly contractVersion: number
  readonly state: SyncState
}

/** Syncs groups to the online store, at the newest values or at a moment of the past (the replay clock). */
export async function syncGroups(options: SyncGroupsOptions): Promise<GroupSync[]> {
  const { project } = options
  const known = await listGroups(project.store)
  const unknown = options.groups.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new FtiError(featureErrors.FTI_GROUP_UNKNOWN, {
      message: `the store has no feature group '${unknown}'`,
      place: project.store,
      remedy: project.groups.has(unknown) ? `run: fti feature run ${unknown}` : didYouMean(unknown, known),
    })
  }
  const readers = await listReaders(project.registry)
  const engine = await openProjectEngine(project)
  const syncAll = async () => {
    const synced: GroupSync[] = []
    for (const group of options.groups.length > 0 ? options.groups : known) {
      const versions = new Set(await onlineVersions(project, group, readers))
      const newest = (await latestContract(project.store, group))?.version
      if (options.groups.includes(group) && newest !== undefined) versions.add(newest)
      for (const contractVersion of versions) {
        throwIfCancelled(options.signal)
        synced.push({ group, contractVersion, state: await syncVersion(engine, options, group, contractVersion) })
      }
    }
    return synced
  }
  return withCleanUp(syncAll, () => engine.close())
}

async function syncVersion(
  engine: Engine,
  { project, asOf, now, command, lockWaitMs, signal, reporter }: SyncGroupsOptions,
  group: string,
  contractVersion: number,
): Promise<SyncState> {
  const lock = await acquireLock(join(project.store, '_locks'), group, { command, waitMs: lockWaitMs, signal })
  const sync = () =>
    reporter.task(`sync ${group}`, async (task) => {
      const state = await syncGroup(engine, project, group, { now, asOf, contractVersion, signal })
      task.update(`${countedInGroups(state.rows, 'key')}`)
      return state
    })
  return withCleanUp(sync, () => lock.release())
}
