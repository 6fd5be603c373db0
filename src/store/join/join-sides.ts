import { systemColumns } from '../../contract/index.ts'
import { inFrom, quoteName } from '../../engine/index.ts'
import type { JoinedGroup, JoinRequest } from './join-request.ts'

/**
 * Both sides of one group's join as SQL relations with short names, so that only this file quotes the user's:
 * the spine has `_row, t, k0…`, the values `k0…, et, aa, seq, v0…` (event time, available time, sequence, picked features).
 */
export interface JoinSides {
  readonly spine: string
  readonly values: string
  /** `k0, k1`. */
  readonly keys: string
  /** `f.k0 = s.k0 AND f.k1 = s.k1`. */
  readonly sameKeys: string
  /** Condition on `f.aa` and `s.t`: the value was known. */
  readonly wasKnown: string
  /** Condition on `f.et` and `s.t`: the value is not older than the group allows. */
  readonly isFresh: string
  readonly maxAgeUs: number | undefined
  /** True where a value may have become known after its event time. */
  readonly canBeLate: boolean
  readonly isStatic: boolean
}

export function joinSides(request: JoinRequest, group: JoinedGroup, numberedSpine: string): JoinSides {
  const pairs = Object.entries(group.on)
  const keys = pairs.map((_, index) => `k${index}`)
  const groupKeys = pairs.map(([key], index) => `${quoteName(key)} AS k${index}`)
  const spineKeys = pairs.map(([, column], index) => `${quoteName(column)} AS k${index}`)
  const picks = group.pick.map(({ feature }, index) => `${quoteName(feature)} AS v${index}`)
  const moment = `CAST(${quoteName(request.time)} AS TIMESTAMP WITH TIME ZONE)`
  const ignore = request.ignoreAvailableAt === true
  const times = [`${eventTime(request, group)} AS et`, `${availableAt(request)} AS aa`]
  const columns = [...groupKeys, ...times, `${systemColumns.sequence} AS seq`, ...picks]
  const maxAgeUs = oldestUs(group)
  return {
    spine: `(SELECT _row, ${moment} AS t, ${spineKeys.join(', ')} FROM ${numberedSpine} WHERE ${present(Object.values(group.on))})`,
    values: `(SELECT ${columns.join(', ')} FROM ${inFrom(group.relation)} WHERE ${present(Object.keys(group.on))})`,
    keys: keys.join(', '),
    sameKeys: keys.map((key) => `f.${key} = s.${key}`).join(' AND '),
    wasKnown: ignore ? 'true' : 'f.aa <= s.t',
    isFresh: maxAgeUs === undefined ? 'true' : `epoch_us(s.t) - epoch_us(f.et) <= ${maxAgeUs}`,
    maxAgeUs,
    canBeLate: !ignore && !group.isStatic,
    isStatic: group.isStatic,
  }
}

/** A null never equals a key; leaving it out keeps it from meeting another null in a partition. */
function present(columns: readonly string[]): string {
  return columns.map((column) => `${quoteName(column)} IS NOT NULL`).join(' AND ')
}

/** A static value has no event time: it counts from when it became known, or, where that is ignored, from ever. */
function eventTime(request: JoinRequest, group: JoinedGroup): string {
  if (group.isStatic) return request.ignoreAvailableAt ? `TIMESTAMPTZ '-infinity'` : availableAt(request)
  return quoteName(group.eventTime ?? '')
}

function availableAt({ shiftAvailabilityMs = 0 }: JoinRequest): string {
  if (shiftAvailabilityMs === 0) return systemColumns.availableAt
  return `${systemColumns.availableAt} + to_microseconds(${Math.round(shiftAvailabilityMs * 1000)})`
}

/** As a number: subtracting an interval from a timestamp with a zone costs ten times as much. */
function oldestUs({ maxAgeMs, isStatic }: JoinedGroup): number | undefined {
  return maxAgeMs === undefined || isStatic ? undefined : Math.round(maxAgeMs * 1000)
}
