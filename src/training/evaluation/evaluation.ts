import type { Task } from '../../contract/index.ts'
import type { Column } from '../../engine/index.ts'
import { bootstrapMetrics, type Interval } from './bootstrap.ts'
import { type CalibrationBin, calibrationOf, metricsOf } from './metrics.ts'
import { rankRows, type ScoredRows } from './ranking.ts'
import { metricValues, type Slice, sliceRows } from './slices.ts'

export interface MetricEstimate extends Interval {
  readonly value: number
}

/** One set of scores on the test rows: metrics with intervals, calibration, slices. */
export interface Evaluation {
  readonly rows: number
  readonly metrics: Readonly<Record<string, MetricEstimate>>
  /** Binary tasks only. */
  readonly calibration?: readonly CalibrationBin[] | undefined
  readonly slices: readonly Slice[]
}

export const resamples = 200

/** Scores and labels -> evaluation; intervals are 95 % bootstrap percentiles. */
export function evaluate(
  rows: ScoredRows,
  task: Task,
  options: { readonly seed: number; readonly slices: Readonly<Record<string, Column>> },
): Evaluation {
  const metrics = metricsOf(task)
  const intervals = bootstrapMetrics(rows, metrics, { resamples, seed: options.seed })
  return {
    rows: rows.scores.length,
    metrics: Object.fromEntries(
      metrics.map((metric) => [
        metric.name,
        { value: metric.compute(rows), ...(intervals[metric.name] ?? { low: Number.NaN, high: Number.NaN }) },
      ]),
    ),
    calibration: task === 'binary' ? calibrationOf(rows) : undefined,
    slices: Object.entries(options.slices).flatMap(([column, values]) => sliceRows(rows, column, values, task)),
  }
}

/** The same scores without intervals, for a quick look. */
export function score(scores: Float64Array, labels: Float64Array, task: Task): Record<string, number | null> {
  return metricValues(rankRows(scores, labels), metricsOf(task))
}
