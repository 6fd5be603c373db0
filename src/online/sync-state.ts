import { newId } from '../base/index.ts'
import type { SyncRequest } from './sync-request.ts'

/** What a sync left: which values a reader gets and as of when. */
export interface SyncState {
  readonly syncId: string
  readonly syncedAt: string
  /** The replay moment that the values are as of; null means the moment of the sync. */
  readonly asOf: string | null
  /** Delta version of the group's table that the values come from. */
  readonly snapshot: number
  /** Entity key columns, in order. */
  readonly keys: readonly string[]
  /** Order of `OnlineValue.values`. */
  readonly features: readonly string[]
  readonly rows: number
}

export interface SyncedGroup {
  readonly group: string
  readonly contractVersion: number
  readonly state: SyncState
}

/** The state that a sync of `rows` keys leaves. */
export function stateAfter({ keys, features, snapshot, asOf, now }: SyncRequest, rows: number): SyncState {
  return {
    syncId: newId(now),
    syncedAt: now.toISOString(),
    asOf: asOf === null ? null : new Date(asOf).toISOString(),
    snapshot,
    keys: [...keys],
    features: [...features],
    rows,
  }
}
