/** Scores and labels of one set of rows, with the order that rank metrics need. Sorted once, used by every resample. */
export interface ScoredRows {
  readonly scores: Float64Array
  /** 0 or 1 in a binary task, the value itself in a regression. */
  readonly labels: Float64Array
  /** Row numbers by ascending score. */
  readonly order: Uint32Array
}

export function rankRows(scores: Float64Array, labels: Float64Array): ScoredRows {
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row)
  order.sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b)
  return { scores, labels, order }
}

/** How often each row counts; one each when undefined. A bootstrap resample is a vector of such counts. */
export type Counts = Uint16Array | undefined

/**
 * Area under the receiver operating characteristic: the chance that a positive row scores above a negative one,
 * ties counting half (Hanley and McNeil, 1982). NaN when one class is absent.
 */
export function auc({ scores, labels, order }: ScoredRows, counts?: Counts): number {
  let negativesBelow = 0
  let positives = 0
  let wins = 0
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i] as number]
    let tiedPositives = 0
    let tiedNegatives = 0
    for (; i < order.length && scores[order[i] as number] === score; i++) {
      const row = order[i] as number
      const count = counts ? (counts[row] as number) : 1
      if (labels[row] === 1) tiedPositives += count
      else tiedNegatives += count
    }
    wins += tiedPositives * (negativesBelow + tiedNegatives / 2)
    positives += tiedPositives
    negativesBelow += tiedNegatives
  }
  return positives === 0 || negativesBelow === 0 ? Number.NaN : wins / (positives * negativesBelow)
}

/**
 * Average precision: the mean of the precision at each positive row, from the highest score down; tied rows share
 * one threshold, as in scikit-learn. NaN without a positive row.
 */
export function averagePrecision({ scores, labels, order }: ScoredRows, counts?: Counts): number {
  let seen = 0
  let positives = 0
  let sum = 0
  for (let i = order.length - 1; i >= 0; ) {
    const score = scores[order[i] as number]
    let tiedPositives = 0
    for (; i >= 0 && scores[order[i] as number] === score; i--) {
      const row = order[i] as number
      const count = counts ? (counts[row] as number) : 1
      seen += count
      if (labels[row] === 1) tiedPositives += count
    }
    positives += tiedPositives
    if (tiedPositives > 0) sum += tiedPositives * (positives / seen)
  }
  return positives === 0 ? Number.NaN : sum / positives
}
