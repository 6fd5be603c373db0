import { FtiError, throwIfCancelled } from '../base/index.ts'
import type { ServerLocation } from '../contract/index.ts'
import { full, unreachable } from './server-error.ts'
import { encodeRow, keyText } from './stored-text.ts'
import { checkRow, type SyncRequest } from './sync-request.ts'
import type { SyncState } from './sync-state.ts'

/** What a server keeps of a sync. */
export interface StateRecord {
  readonly format: 1
  /** When the sync began to read, by the server's clock: one that began earlier never replaces one that began later. */
  readonly beganAt: string
  readonly state: SyncState
}

/** Undefined when it is absent or damaged: then there is nothing that a sync would have to respect. */
export function readRecord(text: string | null | undefined): StateRecord | undefined {
  try {
    const record = text === null || text === undefined ? undefined : (JSON.parse(text) as StateRecord)
    return record?.format === 1 ? record : undefined
  } catch {
    return undefined
  }
}

/** A sync that claims to have begun after this moment was stamped by a clock that was set back since: it must not win. */
export function beganLater(other: StateRecord, mine: StateRecord, now: string): boolean {
  return other.beganAt > mine.beganAt && other.beganAt <= now
}

/** Runs a sync; errors of the server become ours, those of the rows and our own stay what they are. */
export async function syncToServer(
  location: ServerLocation,
  request: SyncRequest,
  sync: (request: SyncRequest) => Promise<SyncState>,
): Promise<SyncState> {
  let ofSource: unknown
  async function* watched<Item>(items: AsyncIterable<Item> | Iterable<Item>): AsyncIterable<Item> {
    try {
      yield* items
    } catch (error) {
      ofSource = error
      throw error
    }
  }
  const changesSince = async (synced: SyncState) => {
    try {
      const changes = await request.changesSince?.(synced)
      return changes && watched(changes)
    } catch (error) {
      ofSource = error
      throw error
    }
  }
  try {
    return await sync({ ...request, rows: watched(request.rows), changesSince })
  } catch (error) {
    // A cancelled sync has cut its connection: what the client says of that is of no interest.
    throwIfCancelled(request.signal)
    if (error === ofSource || error instanceof FtiError) throw error
    throw isFull(error) ? full(location, error) : unreachable(location, error)
  }
}

/** More changes than these are written like all values: they are applied in one step, which readers wait for. */
const mostChanges = 20_000

/**
 * What differs from a sync, as the server keeps it: row by key, null for one that is gone. Undefined when it cannot be told, is
 * too much, or when the columns are others.
 */
export async function collectChanges(
  request: SyncRequest,
  { state }: StateRecord,
): Promise<Map<string, string | null> | undefined> {
  const isSameShape = state.keys.join() === request.keys.join() && state.features.join() === request.features.join()
  const changes = isSameShape ? await request.changesSince?.(state) : undefined
  if (changes === undefined) return undefined
  const collected = new Map<string, string | null>()
  for await (const batch of changes) {
    throwIfCancelled(request.signal)
    for (const change of batch) {
      const key = keyText(change.key)
      if (key !== undefined) collected.set(key, 'isGone' in change ? null : encodeRow(checkRow(request, change)))
    }
    if (collected.size > mostChanges) return undefined
  }
  return collected
}

/** Redis at its memory limit; PostgreSQL's disk full (53100) or its memory (53200). */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.message.startsWith('OOM ') || ('code' in error && ['53100', '53200'].includes(String(error.code)))
}
