import type { Task } from '../../contract/index.ts'
import { calibrationError } from './calibration.ts'
import { auc, averagePrecision, type Counts, once, type ScoredRows } from './ranking.ts'

/** A number that says how good scores are, and which way is better. */
export interface Metric {
  readonly name: string
  readonly better: 'higher' | 'lower'
  /** Looks at the rows once; the function it gives computes the metric from how often each place counts. */
  readonly over: (rows: ScoredRows) => (counts?: Counts) => number
}

/** The metrics of a task, the one that is quoted first leading. */
export function metricsOf(task: Task): readonly Metric[] {
  return task === 'binary' ? binaryMetrics : regressionMetrics
}

const binaryMetrics: readonly Metric[] = [
  { name: 'auc', better: 'higher', over: (rows) => (counts) => auc(rows, counts) },
  { name: 'averagePrecision', better: 'higher', over: (rows) => (counts) => averagePrecision(rows, counts) },
  { name: 'logLoss', better: 'lower', over: meanOf(logLossOf) },
  { name: 'brier', better: 'lower', over: meanOf(squaredError) },
  { name: 'accuracy', better: 'higher', over: meanOf((score, label) => (score >= 0.5 === (label === 1) ? 1 : 0)) },
  { name: 'precision', better: 'higher', over: atHalf(({ hits, alarms }) => hits / alarms) },
  { name: 'recall', better: 'higher', over: atHalf(({ hits, positives }) => hits / positives) },
  { name: 'f1', better: 'higher', over: atHalf(({ hits, alarms, positives }) => (2 * hits) / (alarms + positives)) },
  { name: 'calibrationError', better: 'lower', over: calibrationError },
]

const regressionMetrics: readonly Metric[] = [
  {
    name: 'rmse',
    better: 'lower',
    over: (rows) => {
      const meanSquare = meanOf(squaredError)(rows)
      return (counts) => Math.sqrt(meanSquare(counts))
    },
  },
  { name: 'mae', better: 'lower', over: meanOf((score, label) => Math.abs(score - label)) },
  { name: 'r2', better: 'higher', over: explainedVariance },
]

/** Scores of exactly 0 or 1 are moved inside by the float32 resolution, so that one wrong row cannot make the loss infinite. */
function logLossOf(score: number, label: number): number {
  const p = Math.min(1 - 1e-7, Math.max(1e-7, score))
  return label === 1 ? -Math.log(p) : -Math.log(1 - p)
}

function squaredError(score: number, label: number): number {
  return (score - label) ** 2
}

function meanOf(of: (score: number, label: number) => number): Metric['over'] {
  return ({ scores, labels }) => {
    const values = scores.map((score, place) => of(score, labels[place] as number))
    return (counts = once({ scores })) => mean(values, counts)
  }
}

function mean(values: Float64Array, counts: Counts): number {
  let sum = 0
  let total = 0
  for (let place = 0; place < values.length; place++) {
    const count = counts[place] as number
    sum += count * (values[place] as number)
    total += count
  }
  return sum / total
}

interface Decisions {
  /** Rows that score one half or more. */
  readonly alarms: number
  readonly positives: number
  /** Positive rows among the alarms. */
  readonly hits: number
}

/** A ratio over nothing (no alarm, no positive row) is NaN: undefined, not zero. */
function atHalf(ratio: (decisions: Decisions) => number): Metric['over'] {
  return ({ scores, labels }) => {
    const half = scores.findIndex((score) => score >= 0.5)
    const firstAlarm = half < 0 ? scores.length : half
    return (counts = once({ scores })) => {
      const below = sums(labels, counts, 0, firstAlarm)
      const above = sums(labels, counts, firstAlarm, labels.length)
      return ratio({ alarms: above.rows, positives: below.positives + above.positives, hits: above.positives })
    }
  }
}

function sums(labels: Float64Array, counts: Counts, from: number, to: number): { rows: number; positives: number } {
  let [rows, positives] = [0, 0]
  for (let place = from; place < to; place++) {
    const count = counts[place] as number
    rows += count
    positives += count * (labels[place] as number)
  }
  return { rows, positives }
}

/** Share of the labels' variance that the scores explain; NaN when all labels are equal. */
function explainedVariance({ scores, labels }: ScoredRows): (counts?: Counts) => number {
  const errors = scores.map((score, place) => squaredError(score, labels[place] as number))
  return (counts = once({ scores })) => {
    const average = mean(labels, counts)
    const variance = mean(
      labels.map((label) => (label - average) ** 2),
      counts,
    )
    return variance === 0 ? Number.NaN : 1 - mean(errors, counts) / variance
  }
}
