import type { JoinSides } from './join-sides.ts'
import { type OpenWindow, stretch } from './join-window.ts'
import { newestSequence, type ValueBounds } from './newest-value.ts'

/**
 * For each spine row the sequence of its newest known value (`_row, seq`), by comparing it with every value in its window;
 * rows without any there are absent. One pass over the values, whatever is late and without a sort: it needs memory for
 * the spine alone.
 */
export function newestKnownInWindow(
  { values, sameKeys, wasKnown, isFresh }: JoinSides,
  { window: { widthUs }, spine }: OpenWindow,
  bounds: ValueBounds,
): string {
  const stretched = widthUs === undefined ? '' : `, ${stretch('et', widthUs)} AS w`
  const sameStretch = widthUs === undefined ? '' : ' AND f.w = s.w'
  return `SELECT s._row, ${newestSequence(bounds)} AS seq
    FROM (SELECT *${stretched} FROM ${values}) f JOIN ${spine} s
      ON ${sameKeys}${sameStretch} AND f.et <= s.t AND ${wasKnown} AND ${isFresh}
    GROUP BY s._row`
}

/**
 * The newest known event time of each spine row (`_row, t, k0…, et`), whatever is late, in one sort: spine rows and values in the
 * order in which they became known (`greatest(et, aa)`), with a running maximum of the event time. Superseded values
 * fall behind the maximum by themselves.
 */
export function newestKnownByFrontier({ spine, values, keys, canBeLate }: JoinSides): string {
  return `SELECT _row, moment AS t, ${keys}, et FROM (
      SELECT _row, moment, ${keys},
        max(et) OVER (PARTITION BY ${keys} ORDER BY moment RANGE UNBOUNDED PRECEDING) AS et
      FROM (
        SELECT NULL::BIGINT AS _row, ${canBeLate ? 'greatest(et, aa)' : 'et'} AS moment, ${keys}, et FROM ${values}
        UNION ALL
        SELECT _row, t AS moment, ${keys}, NULL AS et FROM ${spine}
      )
    ) WHERE _row IS NOT NULL AND et IS NOT NULL`
}

/**
 * The value at a known event time (`frontier`, as above): of several the last that was known, by available time, then by
 * sequence. Gives `_row, seq`.
 */
export function lastKnownAt(frontier: string, { values, sameKeys, wasKnown, isFresh }: JoinSides): string {
  return `SELECT s._row, arg_max(f.seq, row(f.aa, f.seq)) AS seq
    FROM ${frontier} s JOIN ${values} f ON ${sameKeys} AND f.et = s.et AND ${wasKnown} AND ${isFresh}
    GROUP BY s._row`
}
