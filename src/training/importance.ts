import { type CompiledNetwork, type Rows, seededRandom } from '../model/index.ts'
import type { Encoder } from '../transform/index.ts'
import type { Metric } from './evaluation/metrics.ts'
import { rankRows } from './evaluation/ranking.ts'

/** How much worse the first metric becomes when one column's values are dealt to other rows. */
export interface Importance {
  readonly column: string
  readonly loss: number
}

const mostRows = 10_000

/** Permutation importance (Breiman, 2001; Fisher et al., 2019) on at most 10,000 test rows, largest first. */
export function permutationImportance(
  network: CompiledNetwork,
  encoder: Encoder,
  test: Rows,
  metric: Metric,
  seed: number,
): Importance[] {
  const rows = Math.min(test.rows, mostRows)
  const labels = Float64Array.from(test.y.subarray(0, rows))
  const x = test.x.slice(0, rows * encoder.width)
  const measure = (values: Float32Array) =>
    metric.compute(rankRows(Float64Array.from(network.predictBatch(values, rows)), labels))
  const whole = measure(x)
  const random = seededRandom(seed, 'importance')
  return encoder.parts
    .filter((part) => part.width > 0)
    .map((part) => {
      const value = measure(permuted(x, rows, encoder.width, part, random))
      return { column: part.column, loss: metric.better === 'higher' ? whole - value : value - whole }
    })
    .sort((a, b) => b.loss - a.loss)
}

function permuted(
  x: Float32Array,
  rows: number,
  width: number,
  part: { readonly start: number; readonly width: number },
  random: () => number,
): Float32Array {
  const copy = x.slice()
  for (let row = 0; row < rows; row++) {
    const other = Math.floor(random() * rows) * width + part.start
    copy.set(x.subarray(other, other + part.width), row * width + part.start)
  }
  return copy
}
