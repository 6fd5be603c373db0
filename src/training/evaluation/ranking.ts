/** Scores and labels of one set of rows in order of score: sorted once, used by every metric and every resample. */
export interface ScoredRows {
  /** Ascending. */
  readonly scores: Float64Array
  /** Of the row at each place: 0 or 1 in a binary task, the value itself in a regression. */
  readonly labels: Float64Array
  /** The row that stands at each place. */
  readonly order: Uint32Array
}

export function rankRows(scores: Float64Array, labels: Float64Array): ScoredRows {
  const order = Uint32Array.from({ length: scores.length }, (_, row) => row)
  order.sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b)
  const pick = (values: Float64Array) => Float64Array.from(order, (row) => values[row] as number)
  return { scores: pick(scores), labels: pick(labels), order }
}

/** How often the row at each place counts. A bootstrap resample is a vector of such counts. */
export type Counts = Uint16Array

/** Every row counts as what it is: one. */
export function once({ scores }: Pick<ScoredRows, 'scores'>): Counts {
  return new Uint16Array(scores.length).fill(1)
}

/**
 * Area under the receiver operating characteristic: the chance that a positive row scores above a negative one,
 * ties counting half (Hanley and McNeil, 1982). NaN when one class is absent.
 */
export function auc({ scores, labels }: ScoredRows, counts: Counts = once({ scores })): number {
  let negativesBelow = 0
  let positives = 0
  let wins = 0
  for (let place = 0; place < scores.length; ) {
    const score = scores[place]
    let tied = 0
    let tiedPositives = 0
    for (; place < scores.length && scores[place] === score; place++) {
      const count = counts[place] as number
      tied += count
      tiedPositives += count * (labels[place] as number)
    }
    const tiedNegatives = tied - tiedPositives
    wins += tiedPositives * (negativesBelow + tiedNegatives / 2)
    positives += tiedPositives
    negativesBelow += tiedNegatives
  }
  return positives === 0 || negativesBelow === 0 ? Number.NaN : wins / (positives * negativesBelow)
}

/**
 * The same area for values that need no order of their own: each class is sorted apart and the two are merged,
 * which is several times faster than sorting row numbers.
 */
export function aucOfValues(values: Float64Array, labels: Float64Array): number {
  const positives = values.filter((_, row) => labels[row] === 1).sort()
  const negatives = values.filter((_, row) => labels[row] !== 1).sort()
  let below = 0
  let notAbove = 0
  let wins = 0
  for (const value of positives) {
    while (below < negatives.length && (negatives[below] as number) < value) below++
    while (notAbove < negatives.length && (negatives[notAbove] as number) <= value) notAbove++
    wins += (below + notAbove) / 2
  }
  return positives.length === 0 || negatives.length === 0 ? Number.NaN : wins / (positives.length * negatives.length)
}

/**
 * Average precision: the mean of the precision at each positive row, from the highest score down; tied rows share
 * one threshold, as in scikit-learn. NaN without a positive row.
 */
export function averagePrecision({ scores, labels }: ScoredRows, counts: Counts = once({ scores })): number {
  let seen = 0
  let positives = 0
  let sum = 0
  for (let place = scores.length - 1; place >= 0; ) {
    const score = scores[place]
    let tiedPositives = 0
    for (; place >= 0 && scores[place] === score; place--) {
      const count = counts[place] as number
      seen += count
      tiedPositives += count * (labels[place] as number)
    }
    positives += tiedPositives
    if (tiedPositives > 0) sum += tiedPositives * (positives / seen)
  }
  return positives === 0 ? Number.NaN : sum / positives
}
