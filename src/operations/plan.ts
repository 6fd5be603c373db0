import { digestOf } from '../base/index.ts'
import { type ContractChange, classOf, compareContracts, contractOf, type FeatureGroup } from '../contract/index.ts'
import { type Reader, readersOf } from '../feature/index.ts'
import type { Project } from '../project/index.ts'
import { latestContract, readSnapshot, tablePath } from '../store/index.ts'

/** What one group of the project file would become. */
export interface GroupPlan {
  readonly group: string
  readonly action: 'create' | 'none' | 'compatible' | 'breaking'
  /** Contract version now; null when it was never published. */
  readonly from: number | null
  readonly to: number
  readonly changes: readonly ContractChange[]
  /** Rows of the table that a breaking change would make again. */
  readonly rows: number
  /** Tagged versions that read the group as it is now. */
  readonly readers: readonly Reader[]
}

/** The difference between the project file and the published contracts. Data, so that it can be shown, compared and applied. */
export interface Plan {
  /** Digest of what is decided below: `apply ID` refuses when that moved. Rows that came in meanwhile move nothing. */
  readonly id: string
  readonly groups: readonly GroupPlan[]
  /** True when something waits for `fti apply`. */
  readonly needsApproval: boolean
}

/** Reads the project file and the store, executes none of the project's code, and changes nothing. */
export async function makePlan(project: Project): Promise<Plan> {
  const groups: GroupPlan[] = []
  for (const group of project.groups.values()) groups.push(await planGroup(project, group))
  return {
    id: digestOf(groups.map(({ rows: _, ...decided }) => decided)).slice(0, 8),
    groups,
    needsApproval: groups.some(({ action }) => action === 'breaking'),
  }
}

async function planGroup(project: Project, group: FeatureGroup): Promise<GroupPlan> {
  const published = await latestContract(project.store, group.name)
  if (!published) return { group: group.name, action: 'create', from: null, to: 1, changes: [], rows: 0, readers: [] }
  const changes = compareContracts(published.contract, contractOf(group))
  const action = changes.length === 0 ? 'none' : classOf(changes)
  const snapshot = await readSnapshot(tablePath(project.store, group.name, published.version))
  return {
    group: group.name,
    action,
    from: published.version,
    to: action === 'breaking' ? published.version + 1 : published.version,
    changes,
    rows: snapshot?.rows ?? 0,
    readers: action === 'none' ? [] : await readersOf(project.registry, group.name),
  }
}
