import { digestOf, type ErrorFacts } from '../../base/index.ts'
import { bindTransforms, listReaders } from '../../feature/index.ts'
import type { Project } from '../../project/index.ts'
import { bindSpines, type NotChecked } from '../bind-spines.ts'
import { ofTheProject } from '../check.ts'
import { type TransformPolicies, withTransforms } from './decide-transforms.ts'
import { type GroupPlan, planGroup } from './plan-group.ts'
import { type StaleDataset, staleDatasets } from './stale-datasets.ts'

/** The difference between the project file and the published contracts. Data, so that it can be shown, compared and applied. */
export interface Plan {
  /**
   * Digest of what is decided below and of what it was decided from: `apply ID` refuses when that moved. Rows that came
   * in meanwhile move nothing.
   */
  readonly id: string
  readonly groups: readonly GroupPlan[]
  readonly datasets: readonly StaleDataset[]
  /** True when the project file says something that is not published yet. */
  readonly pending: boolean
  /** True when something waits for `fti apply`: the next run does not do it by itself. */
  readonly needsApproval: boolean
  /** Where SQL does not give what its group declares or its model reads: with any of them nothing can be applied. */
  readonly problems: readonly ErrorFacts[]
  readonly notChecked: readonly NotChecked[]
}

/** Reads the project file and the store, binds the SQL, executes none of the project's code, and changes nothing. */
export async function makePlan(project: Project, policies: TransformPolicies = {}): Promise<Plan> {
  const readers = await listReaders(project.registry)
  const groups: GroupPlan[] = []
  await withTransforms(project, policies, async (decide) => {
    for (const group of project.groups.values())
      groups.push(await planGroup(project, group, readers, (latest) => decide(group, latest)))
  })
  const bindings = groups.length === 0 ? [] : await bindTransforms(project)
  const spines = await bindSpines(project)
  return {
    id: planId(groups),
    groups,
    datasets: await staleDatasets(project, groups),
    pending: groups.some(({ action }) => action !== 'none'),
    // A run knows nothing of what was said on a command line.
    needsApproval: groups.some(
      ({ group, action }) => action === 'breaking' || (action !== 'none' && group in policies),
    ),
    problems: [...bindings.flatMap(({ problems }) => problems), ...spines.problems].map(ofTheProject),
    notChecked: [
      ...bindings.flatMap(({ group, notChecked: reason }) => (reason === undefined ? [] : [{ group, reason }])),
      ...spines.notChecked,
    ],
  }
}

function planId(groups: readonly GroupPlan[]): string {
  const decided = groups.map(({ group, action, from, to, revision, changes, transform, readers }) => ({
    group,
    action,
    from,
    to,
    revision,
    changes,
    transform,
    readers,
  }))
  return digestOf(decided).slice(0, 8)
}
