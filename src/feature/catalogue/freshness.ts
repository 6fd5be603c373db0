import { FtiError } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import type { Project } from '../../project/index.ts'
import { latestContract, readSnapshot, type Snapshot, tablePath } from '../../store/index.ts'

/** `fresh` within its objective, `warn` and `error` beyond it; `none` where nothing is promised. */
export type FreshnessState = 'fresh' | 'warn' | 'error' | 'none'

/** How old what a group holds is, against what its owner promises. */
export interface Freshness {
  readonly state: FreshnessState
  /** Since new rows were last committed; null when none ever were. */
  readonly ageMs: number | null
  /** When new rows were last committed. A rewrite of files brings none, nor does forgetting. */
  readonly newRowsAt: string | null
  /** Latest event time; null in static groups. */
  readonly newestEvent: string | null
  readonly warnMs: number | null
  readonly errorMs: number | null
}

export interface GroupFreshness extends Freshness {
  readonly group: string
  readonly owner: string | null
  /** What is wrong with a group that cannot be read; null when all is well. */
  readonly problem: string | null
}

/** Every group of the project, in the order of the file. A group that cannot be read, or was never committed, breaks its promise. */
export async function listFreshness(project: Pick<Project, 'store' | 'groups'>, now: Date): Promise<GroupFreshness[]> {
  return Promise.all(
    [...project.groups.values()].map(async (group) => {
      const known = { group: group.name, owner: group.owner ?? null }
      try {
        const published = await latestContract(project.store, group.name)
        const table = published && tablePath(project.store, group.name, published.version)
        const snapshot = table === undefined ? undefined : await readSnapshot(table)
        return { ...known, problem: null, ...freshnessOf(group, snapshot, now) }
      } catch (error) {
        if (!(error instanceof FtiError)) throw error
        const unknown = freshnessOf(group, undefined, now)
        return { ...known, ...unknown, problem: `${error.code} ${error.message}` }
      }
    }),
  )
}

export function freshnessOf(
  group: Pick<FeatureGroup, 'freshness'> | undefined,
  snapshot: Snapshot | undefined,
  now: Date,
): Freshness {
  const newRowsMs = snapshot?.newRowsTimestamp
  const ageMs = newRowsMs === undefined ? null : Math.max(0, now.getTime() - newRowsMs)
  const { warnMs = null, errorMs = null } = group?.freshness ?? {}
  return {
    state: stateOf(ageMs, warnMs, errorMs),
    ageMs,
    newRowsAt: newRowsMs === undefined ? null : new Date(newRowsMs).toISOString(),
    newestEvent: snapshot?.mark?.highWaterMark ?? null,
    warnMs,
    errorMs,
  }
}

function stateOf(ageMs: number | null, warnMs: number | null, errorMs: number | null): FreshnessState {
  if (warnMs === null || errorMs === null) return 'none'
  if (ageMs === null || ageMs > errorMs) return 'error'
  return ageMs > warnMs ? 'warn' : 'fresh'
}
