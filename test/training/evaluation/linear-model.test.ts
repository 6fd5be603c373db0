import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/model/index.ts'
import { fitLinear, predictLinear } from '../../../src/training/evaluation/linear-model.ts'
import { minimize } from '../../../src/training/evaluation/minimize.ts'

/** Rows of three columns, of which the middle one is zero as often as not. */
function rows(count: number, label: (x: readonly number[], random: () => number) => number) {
  const random = seededRandom(3, 'linear')
  const x = new Float32Array(count * 3)
  const y = new Float32Array(count)
  for (let row = 0; row < count; row++) {
    const values = [random() * 4 - 2, random() < 0.5 ? 0 : 1, random() * 2 - 1]
    x.set(values, row * 3)
    y[row] = label(values, random)
  }
  return { x, y, rows: count }
}

const whole = { start: 0, width: 3, rowWidth: 3 }

test('linear regression finds the line that the labels were made from', async () => {
  const data = rows(2000, ([a = 0, b = 0, c = 0]) => 3 * a - 2 * b + 0.5 * c + 7)
  const model = await fitLinear(data, whole, 'regression')
  expect([...model].map((weight) => Math.round(weight * 100) / 100)).toEqual([3, -2, 0.5, 7])
  expect(predictLinear(model, data, whole, 'regression')[5]).toBeCloseTo(data.y[5] as number, 1)
})

test('logistic regression ends where the gradient of its penalized loss is zero', async () => {
  const data = rows(1000, ([a = 0, b = 0], random) => (random() < 1 / (1 + Math.exp(-a - 2 * b + 1)) ? 1 : 0))
  const model = await fitLinear(data, whole, 'binary')
  const scores = predictLinear(model, data, whole, 'binary')
  const gradient = [0, 1, 2].map((column) => {
    let sum = model[column] as number
    for (let row = 0; row < data.rows; row++)
      sum += ((scores[row] as number) - (data.y[row] as number)) * (data.x[row * 3 + column] as number)
    return sum / data.rows
  })
  expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(2e-4)
  // Without a penalty on the bias the mean score is the share of positives.
  const mean = (values: Float32Array | Float64Array) => [...values].reduce((a, b) => a + b, 0) / values.length
  expect(mean(scores)).toBeCloseTo(mean(data.y), 3)
})

test('a part of the columns is fitted as if there were no others', async () => {
  const data = rows(500, ([a = 0, b = 0]) => 2 * a + b)
  const alone = new Float32Array(500).map((_, row) => data.x[row * 3] as number)
  const [part, single] = await Promise.all([
    fitLinear(data, { start: 0, width: 1, rowWidth: 3 }, 'regression'),
    fitLinear({ ...data, x: alone }, { start: 0, width: 1, rowWidth: 1 }, 'regression'),
  ])
  expect(part).toEqual(single)
})

test('a fit ends when it is cancelled', async () => {
  const data = rows(100, ([a = 0]) => a)
  const cancelled = fitLinear(data, whole, 'regression', AbortSignal.abort())
  await expect(cancelled).rejects.toMatchObject({ code: 'FTI_INTERRUPTED' })
})

test('the minimum of a long narrow valley is found', async () => {
  const valley = async (at: Float64Array) => {
    const [x = 0, y = 0] = at
    return {
      value: (x - 1) ** 2 + 1000 * (y + 2) ** 2,
      gradient: Float64Array.of(2 * (x - 1), 2000 * (y + 2)),
    }
  }
  const [x, y] = await minimize(valley, Float64Array.of(50, 50), 100)
  expect(x).toBeCloseTo(1, 3)
  expect(y).toBeCloseTo(-2, 3)
})
