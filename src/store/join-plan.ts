import type { Engine } from '../engine/index.ts'
import type { JoinPlan } from './join-request.ts'
import type { JoinSides } from './join-sides.ts'

export interface MeasuredGroup {
  readonly rows: number
  /** Rows that became available after their event time. */
  readonly late: number
}

/**
 * Above this share of late rows one sort that is exact for all costs less than a second look at some
 * (bench/join: 10M rows, 1M spine rows; near one row in fifty both take the same time).
 */
const frontierFromLateShare = 0.02

/** Comparing every pair is cheaper than a sort up to about this many pairs. */
const pairsMax = 20_000_000

/** The plan asked for, or the one that the measured share of late rows calls for. */
export async function choosePlan(
  engine: Engine,
  sides: JoinSides,
  asked: 'auto' | JoinPlan,
  signal: AbortSignal | undefined,
): Promise<{ plan: JoinPlan; measured?: MeasuredGroup }> {
  if (!sides.canBeLate) return { plan: 'two-pass' }
  if (asked !== 'auto') return { plan: asked }
  const [measured] = await engine.rows<MeasuredGroup>(
    `SELECT count(*) AS rows, count(*) FILTER (aa > et) AS late FROM ${sides.values}`,
    signal,
  )
  if (measured === undefined) return { plan: 'two-pass' }
  return { plan: measured.late > measured.rows * frontierFromLateShare ? 'frontier' : 'two-pass', measured }
}

/** Whether `lateRows` spine rows are looked up faster by comparing all their entities' values than by sorting those. */
export async function scanIsCheaper(
  engine: Engine,
  sides: JoinSides,
  lateRows: number,
  measured: MeasuredGroup | undefined,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  // Even if one entity had all the values.
  if (measured !== undefined && lateRows * measured.rows <= pairsMax) return true
  const [count] = await engine.rows<{ perKey: number }>(
    `SELECT count(*) / greatest(1, approx_count_distinct(row(${sides.keys}))) AS "perKey" FROM ${sides.values}`,
    signal,
  )
  return lateRows * (count?.perKey ?? 0) <= pairsMax
}
