import { join } from 'node:path'
import { didYouMean, FtiError, type Reporter, throwIfCancelled } from '../base/index.ts'
import type { SyncState } from '../online/index.ts'
import type { Project } from '../project/index.ts'
import { acquireLock } from '../runs/index.ts'
import { latestContract, listGroups } from '../store/index.ts'
import { featureErrors } from './errors.ts'
import { openProjectEngine } from './project-engine.ts'
import { syncGroup } from './sync.ts'

export interface SyncGroupsOptions {
  readonly project: Project
  /** All published groups when empty. */
  readonly groups: readonly string[]
  readonly asOf?: Date | undefined
  readonly now: Date
  readonly command: string
  readonly lockWaitMs: number
  readonly reporter: Reporter
  readonly signal?: AbortSignal | undefined
}

/** Syncs groups to the online store, at the newest values or at a moment of the past (the replay clock). */
export async function syncGroups(options: SyncGroupsOptions): Promise<{ group: string; state: SyncState }[]> {
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
  const synced: { group: string; state: SyncState }[] = []
  for (const group of options.groups.length > 0 ? options.groups : known) {
    throwIfCancelled(options.signal)
    if ((await latestContract(project.store, group)) === undefined) continue
    synced.push({ group, state: await syncOne(options, group) })
  }
  return synced
}

async function syncOne(options: SyncGroupsOptions, group: string): Promise<SyncState> {
  const { project, asOf, now, command, lockWaitMs, signal, reporter } = options
  const lock = await acquireLock(join(project.store, '_locks'), group, { command, waitMs: lockWaitMs, signal })
  const engine = await openProjectEngine(project)
  try {
    return await reporter.task(`sync ${group}`, async (task) => {
      const state = await syncGroup(engine, project, group, { now, asOf })
      task.update(`${state.rows.toLocaleString('en')} keys`)
      return state
    })
  } finally {
    await engine.close()
    await lock.release()
  }
}
