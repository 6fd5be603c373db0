import { FtiError } from '../base/index.ts'
import type { Value } from '../contract/index.ts'
import { onlineErrors } from './errors.ts'

export interface OnlineRow {
  /** In the order of `SyncRequest.keys`; timestamps and int64 in the one form that `Value` describes. */
  readonly key: readonly Value[]
  /** In the order of `SyncRequest.features`. */
  readonly values: readonly Value[]
  readonly eventTimeMs: number | null
  readonly availableAtMs: number
}

export interface SyncRequest {
  readonly group: string
  readonly contractVersion: number
  readonly keys: readonly string[]
  readonly features: readonly string[]
  /** Delta version of the table that the rows come from. */
  readonly snapshot: number
  /** The replay moment; null for the newest values of now. */
  readonly asOf: Date | string | null
  readonly rows: AsyncIterable<readonly OnlineRow[]> | Iterable<readonly OnlineRow[]>
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
