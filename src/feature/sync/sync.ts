import { systemColumns } from '../../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../../engine/index.ts'
import {
  listSyncStates,
  onlineRows,
  onlineSelect,
  removeDeadSyncs,
  type SyncState,
  syncOnline,
} from '../../online/index.ts'
import type { Project } from '../../project/index.ts'
import { type GroupView, knownAt, openGroup, whileReading } from '../../store/index.ts'
import { changedValues, isOfSameTable } from './changed-values.ts'

export interface SyncOptions {
  readonly now: Date
  /** A moment of the past: the online store is put there (the replay clock). */
  readonly asOf?: Date | undefined
  readonly contractVersion: number
  readonly signal?: AbortSignal | undefined
}

/** Copies the latest known values of a group to the online store. */
export async function syncGroup(
  engine: Engine,
  project: Pick<Project, 'store' | 'online'>,
  group: string,
  options: SyncOptions,
): Promise<SyncState> {
  return copy(engine, project, await openGroup(project.store, group, options), options)
}

/** The same, unless the online store has those values already; then `undefined`. */
export async function syncIfChanged(
  engine: Engine,
  project: Pick<Project, 'store' | 'online'>,
  group: string,
  options: Omit<SyncOptions, 'asOf'>,
): Promise<SyncState | undefined> {
  const view = await openGroup(project.store, group, options)
  const current = (await listSyncStates(project.online)).find(
    (entry) => entry.group === group && entry.contractVersion === options.contractVersion,
  )?.state
  const isSame =
    current?.asOf === null && current.snapshot === view.reference.snapshot && isOfSameTable(current, view.snapshot)
  if (isSame && !(await becameKnown(engine, view, current.syncedAt, options))) {
    await removeDeadSyncs(project.online, group, options.contractVersion)
    return undefined
  }
  return copy(engine, project, view, options)
}

async function copy(
  engine: Engine,
  project: Pick<Project, 'store' | 'online'>,
  view: GroupView,
  { now, asOf, signal }: SyncOptions,
): Promise<SyncState> {
  const { contract, version } = view.published
  const rows = onlineRows(engine.stream(onlineSelect(contract, knownAt(view, asOf ?? now)), signal), contract)
  const request = {
    group: contract.group,
    contractVersion: version,
    keys: Object.keys(contract.entity.key),
    features: contract.features.map((feature) => feature.name),
    snapshot: view.reference.snapshot,
    table: view.snapshot.metadata.id,
    asOf: asOf ?? null,
    now,
    rows,
    changesSince: (synced: SyncState) =>
      changedValues(engine, project.store, view, { synced, moment: asOf ?? now, signal }),
    signal,
  }
  return whileReading([view.snapshot], () => syncOnline(project.online, request))
}

/** A row may be committed before it is available, or before it is true; nobody commits again when its time comes. */
async function becameKnown(
  engine: Engine,
  view: GroupView,
  since: string,
  { now, signal }: Omit<SyncOptions, 'asOf'>,
): Promise<boolean> {
  const { isStatic, eventTime } = view.published.contract
  if (isStatic || eventTime === undefined) return false
  const moment = `greatest(${systemColumns.availableAt}, ${quoteName(eventTime)})`
  const found = await whileReading([view.snapshot], () =>
    engine.rows(
      `SELECT 1 AS found FROM (${view.raw}) WHERE ${moment} > TIMESTAMPTZ ${quoteText(since)}
       AND ${moment} <= TIMESTAMPTZ ${quoteText(now.toISOString())} LIMIT 1`,
      signal,
    ),
  )
  return found.length > 0
}
