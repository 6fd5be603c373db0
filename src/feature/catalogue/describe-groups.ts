import { FtiError } from '../../base/index.ts'
import type { Contract, Profile } from '../../contract/index.ts'
import { listSyncStates, type SyncState } from '../../online/index.ts'
import type { Project } from '../../project/index.ts'
import {
  latestContract,
  listGroups,
  openGroup,
  type PublishedContract,
  readContracts,
  readHistory,
  readProfile,
  readSnapshot,
  type Snapshot,
  type TableCommit,
  tablePath,
} from '../../store/index.ts'
import { unknownGroup } from '../transforms/order-groups.ts'
import { type Freshness, freshnessOf } from './freshness.ts'
import { type GroupLineage, noLineage, readLineage } from './lineage.ts'

/** One line of `fti feature list`. */
export interface GroupSummary {
  readonly group: string
  readonly owner?: string | undefined
  readonly features: number
  /** Null when the group was never committed. */
  readonly contractVersion: number | null
  readonly snapshot: number | null
  readonly rows: number
  readonly committedAt: string | null
  readonly freshness: Freshness
  /** What is wrong with a group that cannot be read; null when all is well. */
  readonly problem: string | null
}

/** Every group of the project and of the store, the project's first. */
export async function listFeatureGroups(project: Project, now = new Date()): Promise<GroupSummary[]> {
  const names = new Set([...project.groups.keys(), ...(await listGroups(project.store))])
  return Promise.all([...names].map((name) => summarize(project, name, now)))
}

/** A damaged group is shown as damaged, and hides no other. */
async function summarize(project: Project, group: string, now: Date): Promise<GroupSummary> {
  try {
    return await summarizeReadable(project, group, now)
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    const declared = project.groups.get(group)
    const nothing = { contractVersion: null, snapshot: null, rows: 0, committedAt: null }
    const problem = `${error.code} ${error.message}`
    const freshness = freshnessOf(declared, undefined, now)
    return { group, owner: declared?.owner, features: declared?.features.length ?? 0, ...nothing, freshness, problem }
  }
}

async function summarizeReadable(project: Project, group: string, now: Date): Promise<GroupSummary> {
  const published = await latestContract(project.store, group)
  const declared = project.groups.get(group)
  const snapshot = published && (await readSnapshot(tablePath(project.store, group, published.version)))
  return {
    group,
    owner: declared?.owner ?? published?.contract.owner,
    features: (declared ?? published?.contract)?.features.length ?? 0,
    contractVersion: published?.version ?? null,
    snapshot: snapshot?.rowsVersion ?? null,
    rows: snapshot?.rows ?? 0,
    committedAt: snapshot ? new Date(snapshot.rowsTimestamp).toISOString() : null,
    freshness: freshnessOf(declared, snapshot, now),
    problem: null,
  }
}

/** Spans of time in order, and the latest time that was seen. ISO 8601; null for the beginning of time. */
export interface GroupCoverage {
  readonly newest: string | null
  readonly intervals: readonly { readonly from: string | null; readonly to: string }[]
}

/** Everything about one group at one snapshot. */
export interface GroupDescription {
  readonly group: string
  readonly contract: Contract
  readonly contractVersion: number
  readonly contracts: readonly PublishedContract[]
  readonly snapshot: number
  readonly rows: number
  /** What has been computed, in groups that compute only what is new; null in others. */
  readonly coverage: GroupCoverage | null
  readonly files: number
  readonly committedAt: string
  readonly profile: Profile | null
  readonly online: SyncState | null
  /** Why the online store cannot say; a server that is away hides nothing else. */
  readonly onlineProblem: string | null
  readonly freshness: Freshness
  readonly lineage: GroupLineage
}

/**
 * Errors: FTI_GROUP_UNKNOWN where neither the project nor the store has it, FTI_GROUP_NEVER_RUN.
 * @param lineages what `readLineage` gave, where many groups are described
 */
export async function describeGroup(
  project: Project,
  group: string,
  at?: number | Date,
  lineages?: ReadonlyMap<string, GroupLineage>,
): Promise<GroupDescription> {
  const known = [...new Set([...project.groups.keys(), ...(await listGroups(project.store))])]
  if (!known.includes(group)) throw unknownGroup(project, group, known)
  const view = await openGroup(project.store, group, { at })
  const { version } = view.published
  return {
    group,
    contract: view.published.contract,
    contractVersion: version,
    contracts: await readContracts(project.store, group),
    snapshot: view.reference.snapshot,
    rows: view.snapshot.rows,
    coverage: coverageOf(view.snapshot),
    files: view.snapshot.files.length,
    committedAt: new Date(view.snapshot.rowsTimestamp).toISOString(),
    profile: (await readProfile(project.store, view.reference)) ?? null,
    ...(await onlineState(project, group, version)),
    freshness: freshnessOf(project.groups.get(group), view.snapshot, new Date()),
    lineage: (lineages ?? (await readLineage(project))).get(group) ?? noLineage,
  }
}

/** What touches is one span here, from whatever input it was computed. */
function coverageOf({ mark }: Snapshot): GroupCoverage | null {
  if (mark?.ledger === undefined) return null
  const intervals: { from: string | null; to: string }[] = []
  for (const { from, to } of mark.ledger.covered) {
    const last = intervals.at(-1)
    if (last?.to === from) last.to = to
    else intervals.push({ from, to })
  }
  return { newest: mark.ledger.newest, intervals }
}

async function onlineState(
  project: Project,
  group: string,
  version: number,
): Promise<Pick<GroupDescription, 'online' | 'onlineProblem'>> {
  try {
    const synced = (await listSyncStates(project.online)).find(
      (entry) => entry.group === group && entry.contractVersion === version,
    )
    return { online: synced?.state ?? null, onlineProblem: null }
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    return { online: null, onlineProblem: `${error.code} ${error.message}` }
  }
}

/** Commits of a group's newest contract version, newest first. */
export async function groupHistory(project: Project, group: string): Promise<readonly TableCommit[]> {
  const view = await openGroup(project.store, group)
  return readHistory(tablePath(project.store, group, view.published.version))
}
