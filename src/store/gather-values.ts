import type { Engine } from '../engine/index.ts'
import type { JoinSides } from './join-sides.ts'

/**
 * Fetches the values at chosen event times (relation `chosen`: `_row, t, k0…, et`) into the new table `into`
 * (`_row, et, aa, seq, expired, v0…`), at most one for each spine row. Of several values with one event time the last
 * that was known counts: the greatest available time, then the greatest sequence. Absent: rows whose values were all unknown.
 */
export async function gatherValues(
  engine: Engine,
  sides: JoinSides,
  { chosen, into, signal }: { chosen: string; into: string; signal?: AbortSignal | undefined },
): Promise<void> {
  const picks = sides.picks === '' ? '' : `, ${sides.picks}`
  await engine.execute(
    `CREATE TABLE ${into} AS SELECT s._row, s.et, f.aa, f.seq, ${sides.expired} AS expired${picks}
       FROM ${chosen} s JOIN ${sides.values} f ON ${sides.sameKeys} AND f.et = s.et AND ${sides.wasKnown}`,
    signal,
  )
  await keepLastKnown(engine, into, signal)
}

/** Restated values are few, so only the spine rows that met one are sorted. */
async function keepLastKnown(engine: Engine, table: string, signal: AbortSignal | undefined): Promise<void> {
  const several = `SELECT _row FROM ${table} GROUP BY _row HAVING count(*) > 1`
  const last = `${table}_last`
  try {
    await engine.execute(
      `CREATE TABLE ${last} AS SELECT * FROM ${table} SEMI JOIN (${several}) USING (_row)
         QUALIFY row_number() OVER (PARTITION BY _row ORDER BY aa DESC, seq DESC) = 1`,
      signal,
    )
    const [{ rows } = { rows: 0 }] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${last}`, signal)
    if (rows === 0) return
    await engine.execute(`DELETE FROM ${table} WHERE _row IN (SELECT _row FROM ${last})`, signal)
    await engine.execute(`INSERT INTO ${table} SELECT * FROM ${last}`, signal)
  } finally {
    await engine.execute(`DROP TABLE IF EXISTS ${last}`)
  }
}
