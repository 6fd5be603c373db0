import type { Task } from '../../contract/index.ts'
import { auc, averagePrecision, type Counts, type ScoredRows } from './ranking.ts'

/** A number that says how good scores are, and which way is better. */
export interface Metric {
  readonly name: string
  readonly better: 'higher' | 'lower'
  readonly compute: (rows: ScoredRows, counts?: Counts) => number
}

/** The metrics of a task, the one that is quoted first leading. */
export function metricsOf(task: Task): readonly Metric[] {
  return task === 'binary' ? binaryMetrics : regressionMetrics
}

export function metricNames(task: Task): string[] {
  return metricsOf(task).map((metric) => metric.name)
}

const binaryMetrics: readonly Metric[] = [
  { name: 'auc', better: 'higher', compute: auc },
  { name: 'averagePrecision', better: 'higher', compute: averagePrecision },
  { name: 'logLoss', better: 'lower', compute: mean(logLossOf) },
  { name: 'brier', better: 'lower', compute: mean((score, label) => (score - label) ** 2) },
  { name: 'accuracy', better: 'higher', compute: mean((score, label) => (score >= 0.5 === (label === 1) ? 1 : 0)) },
  { name: 'calibrationError', better: 'lower', compute: calibrationError },
]

const regressionMetrics: readonly Metric[] = [
  { name: 'rmse', better: 'lower', compute: (rows, counts) => Math.sqrt(mean(squaredError)(rows, counts)) },
  { name: 'mae', better: 'lower', compute: mean((score, label) => Math.abs(score - label)) },
  { name: 'r2', better: 'higher', compute: r2 },
]

/** Scores of exactly 0 or 1 are moved inside by the float32 resolution, so that one wrong row cannot make the loss infinite. */
function logLossOf(score: number, label: number): number {
  const p = Math.min(1 - 1e-7, Math.max(1e-7, score))
  return label === 1 ? -Math.log(p) : -Math.log(1 - p)
}

function squaredError(score: number, label: number): number {
  return (score - label) ** 2
}

function mean(of: (score: number, label: number) => number): Metric['compute'] {
  return ({ scores, labels }, counts) => {
    let sum = 0
    let total = 0
    for (let row = 0; row < scores.length; row++) {
      const count = counts ? (counts[row] as number) : 1
      if (count === 0) continue
      sum += count * of(scores[row] as number, labels[row] as number)
      total += count
    }
    return sum / total
  }
}

/** Share of the labels' variance that the scores explain; NaN when all labels are equal. */
function r2(rows: ScoredRows, counts?: Counts): number {
  const average = mean((_score, label) => label)(rows, counts)
  const variance = mean((_score, label) => (label - average) ** 2)(rows, counts)
  return variance === 0 ? Number.NaN : 1 - mean(squaredError)(rows, counts) / variance
}

export const calibrationBins = 10

/** Mean distance between predicted and observed rate over ten equal-width bins, weighted by rows (Naeini et al., 2015). */
function calibrationError(rows: ScoredRows, counts?: Counts): number {
  const bins = calibrationOf(rows, counts)
  const total = bins.reduce((sum, bin) => sum + bin.rows, 0)
  return bins.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.predicted - bin.observed), 0) / total
}

export interface CalibrationBin {
  readonly rows: number
  /** Mean score and share of positives in the bin; 0 when it is empty. */
  readonly predicted: number
  readonly observed: number
}

export function calibrationOf({ scores, labels }: ScoredRows, counts?: Counts): CalibrationBin[] {
  const rows = new Float64Array(calibrationBins)
  const predicted = new Float64Array(calibrationBins)
  const observed = new Float64Array(calibrationBins)
  for (let row = 0; row < scores.length; row++) {
    const count = counts ? (counts[row] as number) : 1
    const score = scores[row] as number
    const bin = Math.min(calibrationBins - 1, Math.floor(score * calibrationBins))
    rows[bin] = (rows[bin] as number) + count
    predicted[bin] = (predicted[bin] as number) + count * score
    observed[bin] = (observed[bin] as number) + count * (labels[row] as number)
  }
  return Array.from(rows, (count, bin) => ({
    rows: count,
    predicted: count === 0 ? 0 : (predicted[bin] as number) / count,
    observed: count === 0 ? 0 : (observed[bin] as number) / count,
  }))
}
