import * as tf from '@tensorflow/tfjs-core'
// Registers the gradients of tfjs, which are the reference here and are not used by src.
import '@tensorflow/tfjs-layers'
import { beforeAll, expect, test } from 'vitest'
import type { Task } from '../../src/contract/index.ts'
import { loadBackend } from '../../src/model/backend.ts'
import { lossAndGradients } from '../../src/model/dense-gradient.ts'
import { initializeParameters, type Parameters, viewLike } from '../../src/model/parameters.ts'
import { seededRandom } from '../../src/model/random.ts'

const [width, rows] = [5, 7]
const network = { type: 'mlp' as const, layers: [6, 4], dropout: 0 }
const random = seededRandom(3, 'test')
const x = Float32Array.from({ length: rows * width }, () => random() * 4 - 2)
const masks = network.layers.map((units) =>
  Float32Array.from({ length: rows * units }, () => (random() < 0.3 ? 0 : 1.25)),
)

function labelsOf(task: Task): Float32Array {
  return Float32Array.from({ length: rows }, (_, i) => (task === 'binary' ? i % 2 : i - 3.5))
}

/** The same loss in tfjs operations, differentiated by tfjs. */
function reference(task: Task, parameters: Parameters, dropped: boolean) {
  const labels = tf.tensor2d(labelsOf(task), [rows, 1])
  const variables = parameters.layers.flatMap(({ inputs, units, kernel, bias }) => [
    tf.tensor2d(kernel, [inputs, units]) as tf.Tensor,
    tf.tensor1d(bias) as tf.Tensor,
  ])
  const loss = (...weights: tf.Tensor[]) => {
    let value: tf.Tensor = tf.tensor2d(x, [rows, width])
    parameters.layers.forEach(({ units }, i) => {
      value = tf.add(tf.matMul(value, weights[2 * i] as tf.Tensor), weights[2 * i + 1] as tf.Tensor)
      if (i < parameters.layers.length - 1) value = tf.relu(value)
      const mask = dropped ? masks[i] : undefined
      if (mask) value = tf.mul(value, tf.tensor2d(mask, [rows, units]))
    })
    return (
      task === 'binary' ? tf.losses.sigmoidCrossEntropy(labels, value) : tf.losses.meanSquaredError(labels, value)
    ) as tf.Scalar
  }
  return {
    loss: loss(...variables).dataSync()[0] as number,
    gradients: tf
      .grads(loss)(variables)
      .flatMap((gradient) => [...gradient.dataSync()]),
  }
}

beforeAll(async () => {
  await loadBackend(['wasm'])
  await loadBackend(['cpu'])
})

for (const backend of ['wasm', 'cpu'] as const) {
  for (const task of ['binary', 'regression'] as const) {
    for (const dropped of [false, true]) {
      test(`gradients equal those of tf.grads: ${backend}, ${task}, ${dropped ? 'dropout' : 'no dropout'}`, async () => {
        await tf.setBackend(backend)
        const parameters = initializeParameters(network, width, 1, 0.2)
        const gradients = viewLike(parameters, new Float32Array(parameters.flat.length))
        const batch = { x, labels: labelsOf(task), masks: dropped ? masks : undefined }
        const loss = lossAndGradients(tf, task, parameters, batch, gradients)
        const expected = reference(task, parameters, dropped)
        expect(loss).toBeCloseTo(expected.loss, 5)
        expected.gradients.forEach((gradient, i) => {
          expect(gradients.flat[i]).toBeCloseTo(gradient, 4)
        })
      })
    }
  }
}

test('no tensor is left behind', async () => {
  await tf.setBackend('wasm')
  const parameters = initializeParameters(network, width, 1, 0)
  const gradients = viewLike(parameters, new Float32Array(parameters.flat.length))
  const before = tf.memory().numTensors
  for (let i = 0; i < 5; i++) {
    lossAndGradients(tf, 'binary', parameters, { x, labels: labelsOf('binary'), masks }, gradients)
  }
  expect(tf.memory().numTensors).toBe(before)
})
