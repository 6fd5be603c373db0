import type { Project } from '../../project/index.ts'
import { listDatasets } from '../../store/index.ts'
import type { GroupPlan } from './plan-group.ts'

/** A training dataset made from a contract version that is no longer the newest one once the plan is applied. */
export interface StaleDataset {
  readonly model: string
  readonly id: string
  readonly asOf: string
  /** `airport_departures v1 -> v2`, one for each group. */
  readonly because: readonly string[]
}

/** Datasets stay readable and reproducible: stale means that a new training would not make this one again. */
export async function staleDatasets(
  project: Pick<Project, 'store' | 'models'>,
  groups: readonly GroupPlan[],
): Promise<StaleDataset[]> {
  const stale: StaleDataset[] = []
  const newest = new Map(groups.map(({ group, to }) => [group, to]))
  for (const model of project.models.keys()) {
    for (const entry of await listDatasets(project.store, model)) {
      if (!('dataset' in entry)) continue
      const { id, asOf, snapshots } = entry.dataset
      const because = snapshots.flatMap(({ group, contractVersion }) => {
        const to = newest.get(group)
        return to === undefined || to === contractVersion ? [] : [`${group} v${contractVersion} -> v${to}`]
      })
      if (because.length > 0) stale.push({ model, id, asOf, because })
    }
  }
  return stale
}
