import type { Task } from '../../contract/index.ts'
import type { Column } from '../../engine/index.ts'
import { type Metric, metricsOf } from './metrics.ts'
import { rankRows, type ScoredRows } from './ranking.ts'

/** How good the scores are among the rows that share a value of one column. */
export interface Slice {
  readonly column: string
  readonly value: string
  readonly rows: number
  readonly metrics: Readonly<Record<string, number | null>>
}

/** Values beyond this many, by rows, are left out: a slice by an id is not a slice. */
const mostValues = 20

export function sliceRows(rows: ScoredRows, column: string, values: Column, task: Task): Slice[] {
  const members = new Map<string, number[]>()
  for (let row = 0; row < rows.scores.length; row++) {
    const value = values.kind === 'text' ? values.values[row] : values.nulls[row] ? null : values.values[row]
    const name = value === null || value === undefined ? 'null' : String(value)
    const list = members.get(name)
    if (list) list.push(row)
    else members.set(name, [row])
  }
  return [...members]
    .sort((a, b) => b[1].length - a[1].length)
    .slice(0, mostValues)
    .map(([value, list]) => ({
      column,
      value,
      rows: list.length,
      metrics: metricValues(pick(rows, list), metricsOf(task)),
    }))
}

/** Values of the metrics; null where a metric is undefined for these rows. */
export function metricValues(rows: ScoredRows, metrics: readonly Metric[]): Record<string, number | null> {
  return Object.fromEntries(
    metrics.map((metric) => {
      const value = metric.compute(rows)
      return [metric.name, Number.isFinite(value) ? value : null]
    }),
  )
}

function pick(rows: ScoredRows, list: readonly number[]): ScoredRows {
  return rankRows(
    Float64Array.from(list, (row) => rows.scores[row] as number),
    Float64Array.from(list, (row) => rows.labels[row] as number),
  )
}
