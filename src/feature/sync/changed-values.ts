import { FtiError } from '../../base/index.ts'
import { systemColumns } from '../../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../../engine/index.ts'
import { type OnlineChange, onlineRows, onlineSelect, type SyncState } from '../../online/index.ts'
import { type GroupView, knownAt, readRows, type Snapshot, tablePath } from '../../store/index.ts'

/**
 * The keys whose newest known value may be another at `moment` than it was at a sync, with that value, or without one when they
 * have none any more: those with rows committed since, or whose rows became known or true since. Undefined when the sync was of a later
 * moment, or when rows went away from the table since: then every key may have changed.
 */
export async function changedValues(
  engine: Engine,
  store: string,
  view: GroupView,
  { synced, moment, signal }: { synced: SyncState; moment: Date; signal?: AbortSignal | undefined },
): Promise<AsyncIterable<OnlineChange[]> | undefined> {
  const since = synced.asOf ?? synced.syncedAt
  const sequence = Date.parse(since) <= moment.getTime() ? await lastSequence(store, view, synced) : undefined
  if (sequence === undefined) return undefined
  const select = onlineSelect(view.published.contract, changedRelation(view, moment, since, sequence))
  return changes(engine.stream(select, signal), view)
}

/** Of the snapshot that was synced; undefined when that is not known, or when the table has lost a file of it. */
async function lastSequence(store: string, view: GroupView, synced: SyncState): Promise<number | undefined> {
  const { group, contractVersion } = view.reference
  if (!isOfSameTable(synced, view.snapshot)) return undefined
  // A compaction since then has put the rows of that snapshot into other files.
  const before = await readRows(tablePath(store, group, contractVersion), synced.snapshot).catch(noneWhereUnknown)
  const files = new Set(view.snapshot.files.map(({ path }) => path))
  return before?.files.every(({ path }) => files.has(path)) ? before.mark?.lastSequence : undefined
}

/** A table that was begun anew, in a store that was lost, has snapshots of the same numbers, and other rows. */
export function isOfSameTable({ table }: SyncState, { metadata }: Snapshot): boolean {
  return table === undefined || table === metadata.id
}

/** A log that no longer reaches back to a snapshot says nothing of it, which is no fault. */
function noneWhereUnknown(error: unknown): Snapshot | undefined {
  if (error instanceof FtiError) return undefined
  throw error
}

/** All columns of the newest known rows of the touched keys; only the keys of those that have no such row. */
function changedRelation(view: GroupView, moment: Date, since: string, sequence: number): string {
  const { entity, eventTime } = view.published.contract
  const keys = Object.keys(entity.key).map(quoteName).join(', ')
  const times = [systemColumns.availableAt, ...(eventTime === undefined ? [] : [quoteName(eventTime)])]
  const complete = Object.keys(entity.key).map((key) => `${quoteName(key)} IS NOT NULL`)
  return `WITH touched AS MATERIALIZED (
      SELECT DISTINCT ${keys} FROM (${view.raw}) WHERE ${complete.join(' AND ')} AND (${systemColumns.sequence} > ${sequence}
        OR greatest(${times.join(', ')}) > TIMESTAMPTZ ${quoteText(new Date(since).toISOString())})),
    known AS (${knownAt(view, moment, `(${keys}) IN (SELECT ${keys} FROM touched)`)})
    SELECT * FROM touched LEFT JOIN known USING (${keys})`
}

async function* changes(batches: ReturnType<Engine['stream']>, view: GroupView): AsyncIterable<OnlineChange[]> {
  for await (const rows of onlineRows(batches, view.published.contract)) {
    // Every stored row has an availability, so a key without one has no row.
    yield rows.map((row) => (Number.isNaN(row.availableAtMs) ? { key: row.key, isGone: true } : row))
  }
}
