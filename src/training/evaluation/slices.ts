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

/** @param values the column, in the order in which the rows were before they were ranked */
export function sliceRows(rows: ScoredRows, column: string, values: Column, task: Task): Slice[] {
  const members = new Map<string, number[]>()
  rows.order.forEach((row, place) => {
    const name = nameOf(values, row)
    const list = members.get(name)
    if (list) list.push(place)
    else members.set(name, [place])
  })
  return [...members]
    .sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1))
    .slice(0, mostValues)
    .map(([value, places]) => ({
      column,
      value,
      rows: places.length,
      metrics: metricValues(pick(rows, places), metricsOf(task)),
    }))
}

function nameOf(values: Column, row: number): string {
  const value = values.kind === 'text' ? values.values[row] : values.nulls[row] ? null : values.values[row]
  return value === null || value === undefined ? 'null' : String(value)
}

/** Values of the metrics; null where a metric is undefined for these rows. */
function metricValues(rows: ScoredRows, metrics: readonly Metric[]): Record<string, number | null> {
  return Object.fromEntries(
    metrics.map((metric) => {
      const value = metric.over(rows)()
      return [metric.name, Number.isFinite(value) ? value : null]
    }),
  )
}

function pick({ scores, labels }: ScoredRows, places: readonly number[]): ScoredRows {
  return rankRows(
    Float64Array.from(places, (place) => scores[place] as number),
    Float64Array.from(places, (place) => labels[place] as number),
  )
}
