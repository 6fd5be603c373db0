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

/** Intervals of several metrics of several sets of scores on the same rows, all from the same resamples. */
export function bootstrapMetrics(
  sets: readonly ScoredRows[],
  metrics: readonly Metric[],
  options: BootstrapOptions,
): Record<string, Interval>[] {
  const draws = drawMetrics(sets, metrics, options)
  return draws.map((ofSet) =>
    Object.fromEntries(metrics.map(({ name }, index) => [name, percentiles(ofSet[index] as Float64Array)])),
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
  const [ofA, ofB] = drawMetrics([a, b], [metric], options).map(([draws]) => draws as Float64Array)
  const differences = (ofA as Float64Array).map((value, resample) => value - (ofB?.[resample] as number))
  return { difference: metric.over(a)() - metric.over(b)(), ...percentiles(differences) }
}

/** Value of each metric of each set in each resample. */
function drawMetrics(
  sets: readonly ScoredRows[],
  metrics: readonly Metric[],
  options: BootstrapOptions,
): Float64Array[][] {
  const rows = sets[0]?.order.length ?? 0
  if (sets.some(({ order }) => order.length !== rows)) throw new Error('the sets of scores are not of the same rows')
  const prepared = sets.map((set) => metrics.map((metric) => metric.over(set)))
  const draws = sets.map(() => metrics.map(() => new Float64Array(options.resamples)))
  const ranked = new Uint16Array(rows)
  forEachResample(rows, options, (counts, resample) => {
    sets.forEach(({ order }, set) => {
      for (let place = 0; place < rows; place++) ranked[place] = counts[order[place] as number] as number
      prepared[set]?.forEach((compute, metric) => {
        ;(draws[set]?.[metric] as Float64Array)[resample] = compute(ranked)
      })
    })
  })
  return draws
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
