import type { Counts, ScoredRows } from './ranking.ts'

/** Rows whose scores lie in one tenth of the scale: what was predicted for them, and what came. */
export interface CalibrationBin {
  readonly rows: number
  /** Mean score and share of positives in the bin; 0 when it is empty. */
  readonly predicted: number
  readonly observed: number
}

const bins = 10

/** Mean distance between predicted and observed rate over ten equal-width bins, weighted by rows (Naeini et al., 2015). */
export function calibrationError(rows: ScoredRows, counts?: Counts): number {
  const found = calibrationOf(rows, counts)
  const total = found.reduce((sum, bin) => sum + bin.rows, 0)
  return found.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.predicted - bin.observed), 0) / total
}

export function calibrationOf({ scores, labels }: ScoredRows, counts?: Counts): CalibrationBin[] {
  const rows = new Float64Array(bins)
  const predicted = new Float64Array(bins)
  const observed = new Float64Array(bins)
  for (let place = 0; place < scores.length; place++) {
    const count = counts ? (counts[place] as number) : 1
    const score = scores[place] as number
    const bin = Math.min(bins - 1, Math.floor(score * bins))
    rows[bin] = (rows[bin] as number) + count
    predicted[bin] = (predicted[bin] as number) + count * score
    observed[bin] = (observed[bin] as number) + count * (labels[place] as number)
  }
  return Array.from(rows, (count, bin) => ({
    rows: count,
    predicted: count === 0 ? 0 : (predicted[bin] as number) / count,
    observed: count === 0 ? 0 : (observed[bin] as number) / count,
  }))
}
