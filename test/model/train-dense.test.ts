import * as tf from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import { beforeAll, expect, test } from 'vitest'
import { loadBackend } from '../../src/model/backend.ts'
import { encodeNetwork } from '../../src/model/encode-network.ts'
import { compileNetwork } from '../../src/model/index.ts'
import { seededRandom } from '../../src/model/random.ts'
import { type TrainRequest, trainDense } from '../../src/model/train-dense.ts'

/** `y = 200 + 50 (2 a - b)`, far from 0 and 1 as real labels are. */
function line(rows: number, seed: number) {
  const random = seededRandom(seed, 'line')
  const x = Float32Array.from({ length: 2 * rows }, () => random() * 2 - 1)
  const y = Float32Array.from({ length: rows }, (_, i) => 200 + 50 * (2 * (x[2 * i] ?? 0) - (x[2 * i + 1] ?? 0)))
  return { x, y, rows }
}

function request(changes: Partial<TrainRequest> = {}): TrainRequest {
  return {
    network: { type: 'linear', layers: [], dropout: 0 },
    task: 'regression',
    fit: { epochs: 60, batchSize: 32, learningRate: 0.02, earlyStopping: 0, seed: 1 },
    width: 2,
    train: line(300, 1),
    validation: line(100, 2),
    ...changes,
  }
}

const train = (changes: Partial<TrainRequest> = {}) => trainDense(tf, request(changes), () => {})
const weightBytes = (changes: Partial<TrainRequest>) => Buffer.from(encodeNetwork(train(changes).weights).weightsBin)

beforeAll(async () => {
  await loadBackend(['cpu'])
  await loadBackend(['wasm'])
})

test("a linear network finds the line, in the label's own units", () => {
  const { weights, history } = train()
  expect(weights.layers).toHaveLength(1)
  const [layer] = weights.layers
  expect(layer?.kernel[0]).toBeCloseTo(100, 0)
  expect(layer?.kernel[1]).toBeCloseTo(-50, 0)
  expect(layer?.bias[0]).toBeCloseTo(200, 0)
  expect(history[0]?.loss).toBeGreaterThan(100)
  expect(history.at(-1)?.validationLoss).toBeLessThan(1)
})

test('stops early and gives the weights of the best epoch', () => {
  // Labels of validation that train cannot predict: it can only get worse.
  const validation = { ...line(100, 2), y: line(100, 5).y.map((y) => 400 - y) }
  const { history, bestEpoch, weights } = train({
    validation,
    fit: { epochs: 60, batchSize: 32, learningRate: 0.02, earlyStopping: 2, seed: 1 },
  })
  expect(history.length).toBe(bestEpoch + 2)
  const predictions = compileNetwork(weights).predictBatch(validation.x, validation.rows)
  const error = predictions.reduce((sum, p, i) => sum + (p - (validation.y[i] ?? 0)) ** 2, 0) / validation.rows
  expect(error).toBeCloseTo(history[bestEpoch - 1]?.validationLoss ?? 0, 0)
  expect(Math.min(...history.map((epoch) => epoch.validationLoss ?? 0))).toBe(history[bestEpoch - 1]?.validationLoss)
})

test('works without validation rows, with the last epoch as the best', () => {
  const none = { x: new Float32Array(0), y: new Float32Array(0), rows: 0 }
  const { history, bestEpoch } = train({ validation: none, fit: { ...request().fit, epochs: 3, earlyStopping: 1 } })
  expect(bestEpoch).toBe(3)
  expect(history.map((epoch) => epoch.validationLoss)).toEqual([null, null, null])
})

test('one seed gives one set of bytes on each backend', async () => {
  const changes = {
    network: { type: 'mlp' as const, layers: [8, 4], dropout: 0.25 },
    fit: { epochs: 2, batchSize: 33, learningRate: 0.01, earlyStopping: 0, seed: 5 },
  }
  for (const backend of ['wasm', 'cpu']) {
    await tf.setBackend(backend)
    expect(weightBytes(changes).equals(weightBytes(changes))).toBe(true)
  }
  await tf.setBackend('wasm')
})

test('a loss that is no number ends the fit', () => {
  const bad = line(300, 1)
  bad.x[77] = Number.NaN
  expect(() => train({ train: bad })).toThrow(expect.objectContaining({ code: 'FTI_LOSS_NAN' }))
  const fit = { ...request().fit, learningRate: 1e30 }
  const network = { type: 'mlp' as const, layers: [8], dropout: 0 }
  expect(() => train({ fit, network })).toThrow(expect.objectContaining({ code: 'FTI_LOSS_NAN' }))
})

test('a whole fit leaves no tensor behind, not even one that fails', () => {
  const before = tf.memory().numTensors
  train({ network: { type: 'mlp', layers: [8], dropout: 0.1 } })
  const bad = { ...line(300, 1), x: new Float32Array(600).fill(Number.NaN) }
  expect(() => train({ train: bad })).toThrow()
  expect(tf.memory().numTensors).toBe(before)
})

test('follows the same course as model.fit of tfjs from the same weights', async () => {
  const fit = { epochs: 5, batchSize: 300, learningRate: 0.02, earlyStopping: 0, seed: 1 }
  const standard = line(300, 1)
  const mean = standard.y.reduce((sum, y) => sum + y, 0) / 300
  const deviation = Math.sqrt(standard.y.reduce((sum, y) => sum + (y - mean) ** 2, 0) / 300)
  const y = standard.y.map((value) => (value - mean) / deviation)
  const none = { x: new Float32Array(0), y: new Float32Array(0), rows: 0 }
  const ours = train({ fit, train: { ...standard, y }, validation: none }).history.map((epoch) => epoch.loss)
  const start = train({ fit: { ...fit, learningRate: 0, epochs: 1 }, train: { ...standard, y }, validation: none })
  const model = layers.sequential({ layers: [layers.layers.dense({ units: 1, inputShape: [2] })] })
  const [layer] = start.weights.layers
  model.setWeights([tf.tensor2d(layer?.kernel ?? [], [2, 1]), tf.tensor1d(layer?.bias ?? [])])
  model.compile({ optimizer: tf.train.adam(fit.learningRate), loss: 'meanSquaredError' })
  const theirs = await model.fit(tf.tensor2d(standard.x, [300, 2]), tf.tensor2d(y, [300, 1]), {
    epochs: 5,
    batchSize: 300,
    verbose: 0,
  })
  theirs.history['loss']?.forEach((loss, i) => {
    expect(ours[i]).toBeCloseTo(loss as number, 4)
  })
})
