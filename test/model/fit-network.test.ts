import { expect, test } from 'vitest'
import { compileNetwork, encodeNetwork, type FitRequest, fitNetwork, predictWithTfjs } from '../../src/model/index.ts'
import { seededRandom } from '../../src/model/random.ts'

/** Two moons in spirit: the label is 1 inside a ring, which no linear model can tell. */
function ring(rows: number, seed: number, shared = false) {
  const random = seededRandom(seed, 'data')
  const make = (length: number) =>
    shared ? new Float32Array(new SharedArrayBuffer(length * 4)) : new Float32Array(length)
  const [x, y] = [make(rows * 2), make(rows)]
  for (let i = 0; i < rows; i++) {
    x[2 * i] = random() * 2 - 1
    x[2 * i + 1] = random() * 2 - 1
    y[i] = (x[2 * i] as number) ** 2 + (x[2 * i + 1] as number) ** 2 < 0.6 ? 1 : 0
  }
  return { x, y, rows }
}

function request(changes: Partial<FitRequest> = {}): FitRequest {
  return {
    network: { type: 'mlp', layers: [16, 8], dropout: 0 },
    task: 'binary',
    fit: { epochs: 30, batchSize: 64, learningRate: 0.01, earlyStopping: 0, seed: 7 },
    width: 2,
    train: ring(1000, 1),
    validation: ring(400, 2),
    backend: 'auto',
    ...changes,
  }
}

test('learns what a linear model cannot, and its compiled form agrees with tfjs', async () => {
  const fitted = await fitNetwork(request())
  expect(fitted.backend).toBe('wasm')
  expect(fitted.history).toHaveLength(30)
  expect(fitted.history[fitted.bestEpoch - 1]?.validationLoss).toBeLessThan(0.2)
  const { x, y, rows } = ring(500, 3)
  const predictions = compileNetwork(fitted.weights).predictBatch(x, rows)
  const right = predictions.filter((p, i) => p > 0.5 === (y[i] === 1)).length
  expect(right / rows).toBeGreaterThan(0.93)
  const reference = await predictWithTfjs(fitted.weights, x, rows)
  predictions.forEach((p, i) => {
    expect(p).toBeCloseTo(reference[i] as number, 5)
  })
})

test('gives the same bytes twice for one seed, and others for another', async () => {
  const short = { epochs: 3, batchSize: 64, learningRate: 0.01, earlyStopping: 0, seed: 7 }
  const dropped = { type: 'mlp' as const, layers: [16, 8], dropout: 0.2 }
  const bytes = async (changes: Partial<FitRequest>) =>
    Buffer.from(
      encodeNetwork((await fitNetwork(request({ fit: short, network: dropped, ...changes }))).weights).weightsBin,
    )
  const first = await bytes({})
  expect((await bytes({ train: ring(1000, 1, true) })).equals(first)).toBe(true)
  expect((await bytes({ fit: { ...short, seed: 8 } })).equals(first)).toBe(false)
})
