import { type CompiledNetwork, type Rows, seededRandom } from '../../model/index.ts'
import type { Encoder } from '../../transform/index.ts'
import type { Metric } from './metrics.ts'
import { rankRows } from './ranking.ts'

/** How much worse the first metric becomes when one column's values are dealt to other rows. */
export interface Importance {
  readonly column: string
  readonly loss: number
}

const mostRows = 3000

/**
 * Permutation importance (Breiman, 2001; Fisher et al., 2019), largest first, on at most 3,000 test rows taken at
 * even distances, so that they are of the whole time of the test.
 */
export function permutationImportance(
  network: CompiledNetwork,
  encoder: Encoder,
  test: Rows,
  metric: Metric,
  seed: number,
): Importance[] {
  const { x, labels } = sample(test, encoder.width)
  const measure = (values: Float32Array) =>
    metric.over(rankRows(Float64Array.from(network.predictBatch(values, labels.length)), labels))()
  const whole = measure(x)
  const random = seededRandom(seed, 'importance')
  return encoder.parts
    .filter((part) => part.width > 0)
    .map((part) => {
      const value = measure(permuted(x, labels.length, encoder.width, part, random))
      return { column: part.column, loss: metric.better === 'higher' ? whole - value : value - whole }
    })
    .sort((a, b) => b.loss - a.loss)
}

function sample(test: Rows, width: number): { x: Float32Array; labels: Float64Array } {
  const rows = Math.min(test.rows, mostRows)
  const x = new Float32Array(rows * width)
  const labels = new Float64Array(rows)
  for (let i = 0; i < rows; i++) {
    const row = Math.floor((i * test.rows) / rows)
    x.set(test.x.subarray(row * width, (row + 1) * width), i * width)
    labels[i] = test.y[row] as number
  }
  return { x, labels }
}

/** Deals one column's values to the rows anew, each to exactly one (Fisher and Yates). */
function permuted(
  x: Float32Array,
  rows: number,
  width: number,
  part: { readonly start: number; readonly width: number },
  random: () => number,
): Float32Array {
  const from = Uint32Array.from({ length: rows }, (_, row) => row)
  const copy = x.slice()
  for (let row = rows - 1; row >= 0; row--) {
    const other = Math.floor(random() * (row + 1))
    const dealt = from[other] as number
    from[other] = from[row] as number
    const start = dealt * width + part.start
    copy.set(x.subarray(start, start + part.width), row * width + part.start)
  }
  return copy
}
