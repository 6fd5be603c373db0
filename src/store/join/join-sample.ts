import type { Engine } from '../../engine/index.ts'
import type { JoinSides } from './join-sides.ts'
import type { ValueBounds } from './newest-value.ts'

/** What about one row in `every` of a group's values tells; it decides which plan is fast, never what a join answers. */
export interface JoinSample {
  /** Relation `k0…, et, aa`. */
  readonly table: string
  readonly every: number
  /** Share of the values that became available after their event time; null where that cannot matter. */
  readonly lateShare: number | null
  /** From the first event time to the last, in microseconds; 0 where there are none. */
  readonly spanUs: number
  /** Nearly all values became available within so many microseconds of their event time. */
  readonly lagUs: number
}

const sampledRows = 100_000
const blocks = 16

/**
 * Takes the sample into the new table `into`: runs of rows that follow one another, from all over the group, so that most of
 * its files need not be read. By sequence and not at random, for a plan must be the same the next time.
 */
export async function sampleValues(
  engine: Engine,
  sides: JoinSides,
  { bounds, into, signal }: { bounds: ValueBounds; into: string; signal: AbortSignal | undefined },
): Promise<JoinSample> {
  const every = Math.max(1, Math.floor(bounds.rows / sampledRows))
  const first = Number(bounds.seq?.first ?? 0)
  const share = (Number(bounds.seq?.last ?? 0) + 1 - first) / blocks
  const parts = Array.from({ length: every === 1 ? 1 : blocks }, (_, block) => {
    const from = first + block * share
    const where = every === 1 ? '' : `WHERE seq >= ${Math.floor(from)} AND seq < ${Math.floor(from + share / every)}`
    return `SELECT ${sides.keys}, et, aa FROM ${sides.values} ${where}`
  })
  await engine.execute(`CREATE TABLE ${into} AS ${parts.join(' UNION ALL ')}`, signal)
  const [found] = await engine.rows<{ rows: number; late: number; spanUs: number | null; lagUs: number | null }>(
    `SELECT count(*) AS rows, count(*) FILTER (aa > et) AS late,
       (epoch_us(max(et)) - epoch_us(min(et)))::DOUBLE AS "spanUs",
       quantile_disc(greatest(epoch_us(aa) - epoch_us(et), 0), 0.95)::DOUBLE AS "lagUs"
     FROM (SELECT * FROM ${into} WHERE isfinite(et) AND isfinite(aa))`,
    signal,
  )
  const lateShare = (found?.late ?? 0) / Math.max(1, found?.rows ?? 0)
  return {
    table: into,
    every,
    lateShare: sides.canBeLate ? lateShare : null,
    spanUs: found?.spanUs ?? 0,
    lagUs: sides.canBeLate ? (found?.lagUs ?? 0) : 0,
  }
}
