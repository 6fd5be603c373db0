import type { Task } from '../../contract/index.ts'
import type { Column } from '../../engine/index.ts'
import { bootstrapMetrics } from './bootstrap.ts'
import { type CalibrationBin, calibrationOf } from './calibration.ts'
import { metricsOf } from './metrics.ts'
import type { ScoredRows } from './ranking.ts'
import { type Slice, sliceRows } from './slices.ts'

/** A metric with its 95 % interval; null where it is undefined for these rows, such as the precision without an alarm. */
export interface MetricEstimate {
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
}

export type Estimates = Readonly<Record<string, MetricEstimate>>

/** One set of scores on the test rows: metrics with intervals, calibration, slices. */
export interface Evaluation {
  readonly rows: number
  readonly metrics: Estimates
  /** Binary tasks only. */
  readonly calibration?: readonly CalibrationBin[] | undefined
  readonly slices: readonly Slice[]
}

export const resamples = 200

/** Every metric of a task for several sets of scores on the same rows. */
export function estimateMetrics(sets: readonly ScoredRows[], task: Task, seed: number): Estimates[] {
  const metrics = metricsOf(task)
  const intervals = bootstrapMetrics(sets, metrics, { resamples, seed })
  return sets.map((rows, set) =>
    Object.fromEntries(
      metrics.map(({ name, over }) => {
        const bounds = intervals[set]?.[name]
        return [name, { value: defined(over(rows)()), low: defined(bounds?.low), high: defined(bounds?.high) }]
      }),
    ),
  )
}

/** JSON knows no NaN. */
function defined(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}

/** @param slices columns by which to slice, in the order in which the rows were before they were ranked */
export function evaluationOf(
  rows: ScoredRows,
  metrics: Estimates,
  task: Task,
  slices: Readonly<Record<string, Column>>,
): Evaluation {
  return {
    rows: rows.scores.length,
    metrics,
    calibration: task === 'binary' ? calibrationOf(rows) : undefined,
    slices: Object.entries(slices).flatMap(([column, values]) => sliceRows(rows, column, values, task)),
  }
}
