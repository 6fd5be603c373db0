import { seededRandom } from '../../model/index.ts'
import type { Metric } from './metrics.ts'
import type { ScoredRows } from './ranking.ts'

/** A 95 % percentile interval (Efron and Tibshirani, 1993). */
export interface Interval {
  readonly low: number
  readonly high: number
}

export interface BootstrapOptions {
  readonly resamples: number
  readonly seed: number
}

/** Intervals of several metrics of one set of scores, from the same resamples. */
export function bootstrapMetrics(
  rows: ScoredRows,
  metrics: readonly Metric[],
  options: BootstrapOptions,
): Record<string, Interval> {
  const draws = metrics.map(() => new Float64Array(options.resamples))
  forEachResample(rows.scores.length, options, (counts, resample) => {
    metrics.forEach((metric, index) => {
      const values = draws[index]
      if (values) values[resample] = metric.compute(rows, counts)
    })
  })
  return Object.fromEntries(
    metrics.map((metric, index) => [metric.name, percentiles(draws[index] ?? new Float64Array())]),
  )
}

/**
 * Interval of the difference `a - b` of one metric on the same rows. Each resample draws the same rows for both,
 * so what the rows have in common cancels and only the difference between the scores is left.
 */
export function bootstrapDifference(
  a: ScoredRows,
  b: ScoredRows,
  metric: Metric,
  options: BootstrapOptions,
): Interval & { readonly difference: number } {
  const draws = new Float64Array(options.resamples)
  forEachResample(a.scores.length, options, (counts, resample) => {
    draws[resample] = metric.compute(a, counts) - metric.compute(b, counts)
  })
  return { difference: metric.compute(a) - metric.compute(b), ...percentiles(draws) }
}

function forEachResample(
  rows: number,
  { resamples, seed }: BootstrapOptions,
  visit: (counts: Uint16Array, resample: number) => void,
): void {
  const random = seededRandom(seed, 'bootstrap')
  const counts = new Uint16Array(rows)
  for (let resample = 0; resample < resamples; resample++) {
    counts.fill(0)
    for (let draw = 0; draw < rows; draw++) {
      const row = Math.floor(random() * rows)
      counts[row] = (counts[row] as number) + 1
    }
    visit(counts, resample)
  }
}

/** Resamples in which the metric is undefined (one class only) are left out. */
function percentiles(draws: Float64Array): Interval {
  const sorted = draws.filter((value) => !Number.isNaN(value)).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { low: at(0.025), high: at(0.975) }
}
