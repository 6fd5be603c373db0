import type { JoinSides } from './join-sides.ts'

/**
 * For each spine row the newest event time at or before its time, known or not: one ASOF join over keys and times
 * alone, for what it sorts is what it costs. Gives `_row, t, k0…, et`; rows without any are absent.
 */
export function newestEventTime({ spine, values, keys, sameKeys }: JoinSides): string {
  return `SELECT s.*, f.et
    FROM ${spine} s ASOF JOIN (SELECT ${keys}, et FROM ${values}) f ON ${sameKeys} AND s.t >= f.et`
}

/** The same among the known values, by comparing every value of the entity: for few spine rows with few values each. */
export function knownEventTimeByScan({ spine, values, sameKeys, wasKnown }: JoinSides): string {
  return `SELECT s.*, max(f.et) AS et
    FROM ${spine} s JOIN ${values} f ON ${sameKeys} AND f.et <= s.t AND ${wasKnown}
    GROUP BY ALL`
}

/**
 * The same among the known values, whatever is late, in one sort: spine rows and values in the order in which they
 * became known (`greatest(et, aa)`), with a running maximum of the event time. Superseded values fall behind the
 * maximum by themselves.
 */
export function knownEventTimeByFrontier({ spine, values, keys }: JoinSides): string {
  return `SELECT _row, moment AS t, ${keys}, et FROM (
      SELECT _row, moment, ${keys},
        max(et) OVER (PARTITION BY ${keys} ORDER BY moment RANGE UNBOUNDED PRECEDING) AS et
      FROM (
        SELECT NULL::BIGINT AS _row, greatest(et, aa) AS moment, ${keys}, et FROM ${values}
        UNION ALL
        SELECT _row, t AS moment, ${keys}, NULL AS et FROM ${spine}
      )
    ) WHERE _row IS NOT NULL AND et IS NOT NULL`
}
