import type { JoinSides } from './join-sides.ts'

/**
 * For each spine row the newest event time at or before its time, known or not: one ASOF join.
 * Gives `_row, t, k0…, et, aa`; rows without any are absent. Of values with one event time, `aa` is that of either.
 */
export function newestEventTime({ spine, values, keys, sameKeys }: JoinSides): string {
  return `SELECT s.*, f.et, f.aa
    FROM ${spine} s ASOF JOIN (SELECT ${keys}, et, aa FROM ${values}) f ON ${sameKeys} AND s.t >= f.et`
}

/** The same among the known values, by comparing every value of the entity: for few spine rows with few values each. Only `rows`. */
export function knownEventTimeByScan({ spine, values, sameKeys, wasKnown }: JoinSides, rows: string): string {
  return `SELECT s.*, max(f.et) AS et
    FROM (SELECT * FROM ${spine} SEMI JOIN ${rows} USING (_row)) s
    JOIN ${values} f ON ${sameKeys} AND f.et <= s.t AND ${wasKnown}
    GROUP BY ALL`
}

/**
 * The same among the known values, whatever is late, in one sort: spine rows and values in the order in which they
 * became known (`greatest(et, aa)`), with a running maximum of the event time. Superseded values fall behind the
 * maximum by themselves. Only `rows` when given.
 */
export function knownEventTimeByFrontier({ spine, values, keys }: JoinSides, rows?: string): string {
  const wanted = rows === undefined ? spine : `(SELECT * FROM ${spine} SEMI JOIN ${rows} USING (_row))`
  const near = rows === undefined ? '' : `SEMI JOIN ${wanted} USING (${keys})`
  return `SELECT _row, moment AS t, ${keys}, et FROM (
      SELECT _row, moment, ${keys},
        max(et) OVER (PARTITION BY ${keys} ORDER BY moment RANGE UNBOUNDED PRECEDING) AS et
      FROM (
        SELECT NULL::BIGINT AS _row, greatest(et, aa) AS moment, ${keys}, et FROM ${values} ${near}
        UNION ALL
        SELECT _row, t AS moment, ${keys}, NULL AS et FROM ${wanted}
      )
    ) WHERE _row IS NOT NULL AND et IS NOT NULL`
}
