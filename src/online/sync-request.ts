import { FtiError, newId } from '../base/index.ts'
import type { Value } from '../contract/index.ts'
import { onlineErrors } from './errors.ts'
import type { SyncState } from './sync-state.ts'

export interface OnlineRow {
  /** In the order of `SyncRequest.keys`; timestamps and int64 in the one form that `Value` describes. */
  readonly key: readonly Value[]
  /** In the order of `SyncRequest.features`. */
  readonly values: readonly Value[]
  readonly eventTimeMs: number | null
  readonly availableAtMs: number
}

/** A key that has no value any more. */
export interface GoneKey {
  readonly key: readonly Value[]
  readonly isGone: true
}

/** The value that a key has now, whether it had another before or none; or that it has none. */
export type OnlineChange = OnlineRow | GoneKey

export interface SyncRequest {
  readonly group: string
  readonly contractVersion: number
  readonly keys: readonly string[]
  readonly features: readonly string[]
  /** Delta version of the table that the rows come from. */
  readonly snapshot: number
  /** Id of that table. */
  readonly table?: string | undefined
  /** The replay moment; null for the newest values of now. */
  readonly asOf: Date | string | null
  readonly rows: AsyncIterable<readonly OnlineRow[]> | Iterable<readonly OnlineRow[]>
  /**
   * At least the keys whose value may differ from those of a sync, or undefined when that cannot be told. A server is given these
   * alone, when they are not too many; a store of files asks for the rows.
   */
  readonly changesSince?: (
    synced: SyncState,
  ) => Promise<AsyncIterable<readonly OnlineChange[]> | Iterable<readonly OnlineChange[]> | undefined>
  readonly now: Date
  readonly signal?: AbortSignal | undefined
}

/** Errors: FTI_ONLINE_ROW_INVALID. */
export function checkRow({ group, keys, features }: SyncRequest, row: OnlineRow | undefined): OnlineRow {
  if (row?.key.length === keys.length && row.values.length === features.length) return row
  throw new FtiError(onlineErrors.FTI_ONLINE_ROW_INVALID, {
    message: `a row for ${group} does not have ${keys.length} key parts and ${features.length} values`,
    place: group,
    remedy: 'this is a bug in the caller of the sync: keys and values must be in the order it declared',
  })
}

/** The state that a sync of `rows` keys leaves. */
export function stateAfter({ keys, features, snapshot, table, asOf, now }: SyncRequest, rows: number): SyncState {
  return {
    syncId: newId(now),
    syncedAt: now.toISOString(),
    asOf: asOf === null ? null : new Date(asOf).toISOString(),
    snapshot,
    ...(table === undefined ? {} : { table }),
    keys: [...keys],
    features: [...features],
    rows,
  }
}
