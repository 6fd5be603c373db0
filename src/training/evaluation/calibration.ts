import { type Counts, once, type ScoredRows } from './ranking.ts'

/** Rows whose scores lie in one tenth of the scale: what was predicted for them, and what came. */
export interface CalibrationBin {
  readonly rows: number
  /** Mean score and share of positives in the bin; 0 when it is empty. */
  readonly predicted: number
  readonly observed: number
}

const bins = 10

/** Mean distance between predicted and observed rate over ten equal-width bins, weighted by rows (Naeini et al., 2015). */
export function calibrationError(rows: ScoredRows): (counts?: Counts) => number {
  const calibrate = calibrationOver(rows)
  return (counts) => {
    const found = calibrate(counts)
    const total = found.reduce((sum, bin) => sum + bin.rows, 0)
    return found.reduce((sum, bin) => sum + bin.rows * Math.abs(bin.predicted - bin.observed), 0) / total
  }
}

export function calibrationOf(rows: ScoredRows): CalibrationBin[] {
  return calibrationOver(rows)()
}

/** Rows are in order of their scores, so a bin is a stretch of them. */
function calibrationOver(ranked: ScoredRows): (counts?: Counts) => CalibrationBin[] {
  const { scores, labels } = ranked
  const starts = Array.from({ length: bins }, (_, bin) => placeOf(scores, bin / bins))
  return (counts = once(ranked)) =>
    starts.map((from, bin) => {
      const to = starts[bin + 1] ?? scores.length
      let [rows, predicted, observed] = [0, 0, 0]
      for (let place = from; place < to; place++) {
        const count = counts[place] as number
        rows += count
        predicted += count * (scores[place] as number)
        observed += count * (labels[place] as number)
      }
      return { rows, predicted: rows === 0 ? 0 : predicted / rows, observed: rows === 0 ? 0 : observed / rows }
    })
}

/** The first place whose score is not below the bound. */
function placeOf(scores: Float64Array, bound: number): number {
  const place = scores.findIndex((score) => score >= bound)
  return place < 0 ? scores.length : place
}
