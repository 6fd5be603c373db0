import type { Engine } from '../engine/index.ts'
import type { JoinPlan } from './join-request.ts'
import type { JoinSides } from './join-sides.ts'

export interface MeasuredGroup {
  readonly rows: number
  /** Rows that became available after their event time; where they are too many for two passes, some of them. */
  readonly late: number
}

/**
 * Above this share of late rows one sort that is exact for all costs less than a second look at some
 * (bench/join: 10M rows, 1M spine rows; near one row in fifty both take the same time).
 */
const frontierFromLateShare = 0.02

/** Comparing every pair is cheaper than a sort up to about this many pairs. */
const pairsMax = 20_000_000

/**
 * The plan asked for, or the one that the measured share of late rows calls for. For two passes the late rows are
 * kept in the table `late` (`k0…, et, aa`): a spine row needs a second look only when it meets one of them.
 */
export async function choosePlan(
  engine: Engine,
  sides: JoinSides,
  { asked, late, signal }: { asked: 'auto' | JoinPlan; late: string; signal?: AbortSignal | undefined },
): Promise<{ plan: JoinPlan; measured?: MeasuredGroup }> {
  if (!sides.canBeLate) return { plan: 'two-pass' }
  if (asked === 'frontier') return { plan: asked }
  const [{ rows } = { rows: 0 }] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${sides.values}`)
  const most = asked === 'auto' ? Math.floor(rows * frontierFromLateShare) : rows
  await engine.execute(
    `CREATE TABLE ${late} AS SELECT ${sides.keys}, et, aa FROM ${sides.values} WHERE aa > et LIMIT ${most + 1}`,
    signal,
  )
  const [count] = await engine.rows<{ late: number }>(`SELECT count(*) AS late FROM ${late}`, signal)
  const measured = { rows, late: count?.late ?? 0 }
  return { plan: measured.late > most ? 'frontier' : 'two-pass', measured }
}

/** Whether comparing the spine rows of `wanted` with all values of their entities is cheaper than sorting both. */
export async function scanIsCheaper(
  engine: Engine,
  { keys, values }: Pick<JoinSides, 'keys' | 'values'>,
  wanted: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const perEntity = (relation: string) => `(SELECT ${keys}, count(*) AS n FROM ${relation} GROUP BY ALL)`
  const [count] = await engine.rows<{ pairs: number | null }>(
    `SELECT sum(s.n * f.n)::DOUBLE AS pairs FROM ${perEntity(wanted)} s JOIN ${perEntity(values)} f USING (${keys})`,
    signal,
  )
  return (count?.pairs ?? 0) <= pairsMax
}
