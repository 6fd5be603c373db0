import { digestOf } from '../../base/index.ts'
import {
  type Contract,
  type ContractChange,
  classOf,
  compareContracts,
  contractOf,
  type FeatureGroup,
} from '../../contract/index.ts'
import { onlineVersions, type Reader, type TransformDecision } from '../../feature/index.ts'
import type { Project } from '../../project/index.ts'
import {
  isRename,
  latestContract,
  type PublishedContract,
  readContracts,
  readSnapshot,
  type Snapshot,
  tablePath,
} from '../../store/index.ts'
import { type Backfill, estimateBackfill } from './backfill.ts'
import { type OlderVersion, olderVersions } from './older-versions.ts'

/** What one group of the project file would become. */
export interface GroupPlan {
  readonly group: string
  readonly action: 'create' | 'none' | 'compatible' | 'breaking'
  /** Contract version now; null when it was never published. */
  readonly from: number | null
  readonly to: number
  /** Number of the newest published contract: another one means that somebody was faster. */
  readonly revision: number
  readonly changes: readonly ContractChange[]
  /** What becomes of an edited transform, and a digest of it. */
  readonly transform: { readonly change: TransformDecision['change']; readonly digest: string }
  /** Rows of the newest table now. */
  readonly rows: number
  /** The table that the next run creates, as `v2`; null when it is there. */
  readonly table: string | null
  /** Rows of the table before that the next run takes over under new names; null where it makes them from the sources. */
  readonly takenOver: number | null
  /** What the next run makes again; null when it has nothing to make because of this plan. */
  readonly backfill: Backfill | null
  /** Contract versions in the online store now, and the one that comes to them. */
  readonly online: { readonly keeps: readonly number[]; readonly adds: number | null }
  /** Older contract versions that are still read, and what becomes of them. */
  readonly older: readonly OlderVersion[]
  /** Tagged versions that read the group as it is now; empty where nothing changes. */
  readonly readers: readonly Reader[]
}

/**
 * @param readers every tagged version that reads any group
 * @param decide what the group's transform means beside the published one
 */
export async function planGroup(
  project: Project,
  group: FeatureGroup,
  readers: readonly Reader[],
  decide: (latest: PublishedContract | undefined) => Promise<TransformDecision>,
): Promise<GroupPlan> {
  const { name } = group
  const published = await latestContract(project.store, name)
  const reading = readers.filter((reader) => reader.group === name)
  const changes = published === undefined ? [] : compareContracts(published.contract, contractOf(group))
  const transform = await decide(published)
  const action = published === undefined ? 'create' : actionOf(changes, transform)
  const from = published?.version ?? null
  const to = (from ?? 0) + (action === 'breaking' || action === 'create' ? 1 : 0)
  const now = from === null ? undefined : await newestSnapshot(project.store, name, from)
  const isNewTable = to !== now?.version
  const makesData =
    isNewTable || action === 'breaking' || changes.some(({ metadata }) => !metadata) || isTaken(transform)
  const isTakenOver = isNewTable && now !== undefined && isRename(now.contract, contractOf(group))
  const keeps = await onlineVersions(project, name, readers)
  return {
    group: name,
    action,
    from,
    to,
    revision: published?.revision ?? 0,
    changes,
    transform: { change: transform.change, digest: transformDigest(transform) },
    rows: now?.snapshot.rows ?? 0,
    table: isNewTable ? `v${to}` : null,
    takenOver: isTakenOver ? now.snapshot.rows : null,
    backfill:
      makesData && !isTakenOver ? await estimateBackfill(project.state, name, now?.snapshot.rows ?? null) : null,
    online: { keeps, adds: isNewTable && (keeps.length > 0 || isReadByModel(project, name)) ? to : null },
    older: await olderVersions(project, group, to, reading),
    readers: action === 'none' ? [] : reading,
  }
}

/** Of what is decided; the moment from which it counts moves with the rows that come in. */
export function transformDigest({ change, publish }: TransformDecision): string {
  return digestOf(publish === undefined ? null : { change, sql: publish.sql, extra: publish.extra })
}

/** A transform that is not recorded yet is no change of the project file. */
function isTaken({ change, publish }: TransformDecision): boolean {
  return publish !== undefined && change !== 'first'
}

function actionOf(
  changes: readonly ContractChange[],
  transform: TransformDecision,
): 'none' | 'compatible' | 'breaking' {
  if (transform.change === 'breaking' || classOf(changes) === 'breaking') return 'breaking'
  return changes.length > 0 || isTaken(transform) ? 'compatible' : 'none'
}

/** Of the newest contract version that has a table: one that was just applied has none before its first run. */
async function newestSnapshot(
  root: string,
  group: string,
  from: number,
): Promise<{ readonly version: number; readonly contract: Contract; readonly snapshot: Snapshot } | undefined> {
  const contracts = await readContracts(root, group)
  for (let version = from; version > 0; version--) {
    const snapshot = await readSnapshot(tablePath(root, group, version))
    const published = contracts.findLast((each) => each.version === version)
    if (snapshot !== undefined && published !== undefined) return { version, contract: published.contract, snapshot }
  }
  return undefined
}

function isReadByModel({ models }: Project, group: string): boolean {
  return [...models.values()].some(({ features }) => features.some((selection) => selection.group === group))
}
