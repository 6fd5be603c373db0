import { setImmediate as nextTurn } from 'node:timers/promises'
import { throwIfCancelled } from '../../base/index.ts'
import type { Task } from '../../contract/index.ts'
import type { Rows } from '../../model/index.ts'
import { minimize } from './minimize.ts'

/** Columns `start` to `start + width` of a matrix whose rows are `rowWidth` long. */
export interface MatrixPart {
  readonly start: number
  readonly width: number
  readonly rowWidth: number
}

/** Weights of the columns, the bias last. */
export type LinearModel = Float64Array

/** Beyond this many values that are not zero, every n-th row stands for all: a linear model learns no more from the rest. */
const mostValues = 8_000_000

/** Most of the way is gone on every eighth row, eight times faster; the last steps see all rows. */
const headStart = { every: 8, steps: 60 }
const lastSteps = 12

/**
 * Logistic or linear regression with a light L2 penalty by L-BFGS, as scikit-learn's `LogisticRegression()` does by
 * default. It ends as near to the optimum as a baseline needs; there is no seed, learning rate or epoch to choose.
 */
export async function fitLinear(rows: Rows, part: MatrixPart, task: Task, signal?: AbortSignal): Promise<LinearModel> {
  const gradient = new Float64Array(part.width + 1)
  const descend = (data: SparseRows, start: Float64Array, steps: number) =>
    minimize(
      async (weights) => {
        // Between steps, so that Ctrl-C is heard.
        await nextTurn()
        throwIfCancelled(signal)
        return { value: lossAndGradient(data, weights, task, gradient), gradient }
      },
      start,
      steps,
    )
  const every = Math.max(1, Math.ceil(countValues(rows, part) / mostValues))
  const few = sparseRows(rows, part, every * headStart.every)
  const near = await descend(few, new Float64Array(part.width + 1), headStart.steps)
  return descend(sparseRows(rows, part, every), near, lastSteps)
}

/** A probability for each row in a binary task, else a value. */
export function predictLinear(model: LinearModel, rows: Rows, part: MatrixPart, task: Task): Float64Array {
  const scores = new Float64Array(rows.rows)
  for (let row = 0; row < rows.rows; row++) {
    const at = row * part.rowWidth + part.start
    let sum = model[part.width] as number
    for (let i = 0; i < part.width; i++) sum += (model[i] as number) * (rows.x[at + i] as number)
    scores[row] = task === 'binary' ? 1 / (1 + Math.exp(-sum)) : sum
  }
  return scores
}

/** Only the values that are not zero: one-hot columns are nearly all zeros. */
interface SparseRows {
  readonly rows: number
  readonly labels: Float32Array
  /** Where each row's values begin; one more at the end. */
  readonly starts: Uint32Array
  readonly columns: Uint32Array
  readonly values: Float32Array
}

/** Every n-th row. */
function sparseRows(all: Rows, part: MatrixPart, every: number): SparseRows {
  const { start, width, rowWidth } = part
  const { x, y } = all
  const rows = Math.ceil(all.rows / every)
  const starts = new Uint32Array(rows + 1)
  const labels = new Float32Array(rows)
  const filled = countValues(all, part, every)
  const columns = new Uint32Array(filled)
  const values = new Float32Array(filled)
  let next = 0
  for (let row = 0; row < rows; row++) {
    const at = row * every * rowWidth + start
    for (let i = 0; i < width; i++) {
      const value = x[at + i] as number
      if (value === 0) continue
      columns[next] = i
      values[next++] = value
    }
    starts[row + 1] = next
    labels[row] = y[row * every] as number
  }
  return { rows, labels, starts, columns, values }
}

/** How many values are not zero. */
function countValues({ x, rows }: Rows, { start, width, rowWidth }: MatrixPart, every = 1): number {
  let filled = 0
  for (let row = 0; row < rows; row += every) {
    const at = row * rowWidth + start
    for (let i = 0; i < width; i++) if (x[at + i] !== 0) filled++
  }
  return filled
}

/** Mean loss (log loss, or half the squared error) with `|w|² / 2n`, the bias left out of the penalty. */
function lossAndGradient(data: SparseRows, weights: Float64Array, task: Task, gradient: Float64Array): number {
  const { rows, labels, starts, columns, values } = data
  const width = weights.length - 1
  gradient.fill(0)
  let loss = 0
  for (let row = 0; row < rows; row++) {
    const [from, to] = [starts[row] as number, starts[row + 1] as number]
    let sum = weights[width] as number
    for (let i = from; i < to; i++) sum += (values[i] as number) * (weights[columns[i] as number] as number)
    const label = labels[row] as number
    let error = sum - label
    if (task === 'binary') {
      error = 1 / (1 + Math.exp(-sum)) - label
      loss += Math.max(sum, 0) - sum * label + Math.log1p(Math.exp(-Math.abs(sum)))
    } else loss += (error * error) / 2
    for (let i = from; i < to; i++) {
      const column = columns[i] as number
      gradient[column] = (gradient[column] as number) + error * (values[i] as number)
    }
    gradient[width] = (gradient[width] as number) + error
  }
  for (let i = 0; i < width; i++) {
    const weight = weights[i] as number
    loss += (weight * weight) / 2
    gradient[i] = (gradient[i] as number) + weight
  }
  for (let i = 0; i <= width; i++) gradient[i] = (gradient[i] as number) / rows
  return loss / rows
}
