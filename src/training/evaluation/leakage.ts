import type { Task } from '../../contract/index.ts'
import type { Column } from '../../engine/index.ts'
import { aucOfValues } from './ranking.ts'

/** A feature that predicts the label alone so well that it probably knows it. */
export interface LeakageSuspect {
  readonly column: string
  /** AUC of the column alone (direction does not matter), or the squared correlation in a regression. */
  readonly score: number
}

/** Above this a single column is not a good feature, it is the answer. */
export const implausibleScore = 0.97

/** Columns whose single-feature score on the training rows is implausible, worst first. */
export function findLeakage(scores: ReadonlyMap<string, number>): LeakageSuspect[] {
  return [...scores]
    .filter(([, score]) => score >= implausibleScore)
    .map(([column, score]) => ({ column, score }))
    .sort((a, b) => b.score - a.score)
}

/** How well each column alone orders the labels, seen on at most this many rows at even distances. */
const mostRows = 50_000

/** A missing value counts as a value of its own. */
export function singleFeatureScores(
  columns: Readonly<Record<string, Column>>,
  labels: Float64Array,
  task: Task,
): Map<string, number> {
  const every = Math.max(1, Math.ceil(labels.length / mostRows))
  const kept = labels.filter((_, row) => row % every === 0)
  return new Map(
    Object.entries(columns).map(([name, column]) => [name, singleFeatureScore(thin(column, every), kept, task)]),
  )
}

function thin(column: Column, every: number): Column {
  if (every === 1) return column
  if (column.kind === 'text') return { kind: 'text', values: column.values.filter((_, row) => row % every === 0) }
  const { values, nulls } = column
  return {
    kind: 'number',
    values: values.filter((_, row) => row % every === 0),
    nulls: nulls.filter((_, row) => row % every === 0),
  }
}

function singleFeatureScore(column: Column, labels: Float64Array, task: Task): number {
  const values = column.kind === 'text' ? targetMeans(column.values, labels) : filled(column.values, column.nulls)
  if (task === 'regression') return squaredCorrelation(values, labels)
  const value = aucOfValues(values, labels)
  return Number.isNaN(value) ? 0 : Math.max(value, 1 - value)
}

const mostCategories = 200

/** Each category's mean label. A column with very many categories would score well by memory alone: it gives 0. */
function targetMeans(values: readonly (string | null)[], labels: Float64Array): Float64Array {
  const sums = new Map<string | null, { sum: number; rows: number }>()
  for (let row = 0; row < values.length; row++) {
    const value = values[row] ?? null
    const entry = sums.get(value) ?? { sum: 0, rows: 0 }
    entry.sum += labels[row] as number
    entry.rows++
    sums.set(value, entry)
    if (sums.size > mostCategories) return new Float64Array(values.length)
  }
  return Float64Array.from(values, (value) => {
    const entry = sums.get(value)
    return entry ? entry.sum / entry.rows : 0
  })
}

function filled(values: Float64Array, nulls: Uint8Array): Float64Array {
  let smallest = 0
  for (let row = 0; row < values.length; row++) if (!nulls[row]) smallest = Math.min(smallest, values[row] as number)
  return values.map((value, row) => (nulls[row] ? smallest - 1 : value))
}

function squaredCorrelation(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanA, meanB] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  for (let row = 0; row < a.length; row++) {
    const da = (a[row] as number) - meanA
    const db = (b[row] as number) - meanB
    ab += da * db
    aa += da * da
    bb += db * db
  }
  return aa === 0 || bb === 0 ? 0 : (ab * ab) / (aa * bb)
}
