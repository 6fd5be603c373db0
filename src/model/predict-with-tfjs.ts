import type * as Tensorflow from '@tensorflow/tfjs-core'
import { type BackendName, loadBackend } from './backend.ts'
import type { NetworkWeights } from './network-weights.ts'

const batchRows = 4096

/** The reference that compiled networks are checked against: the same network in tfjs operations. */
export async function predictWithTfjs(
  weights: NetworkWeights,
  x: Float32Array,
  rows: number,
  backend?: BackendName,
): Promise<Float32Array> {
  const { tf } = await loadBackend(backend === undefined ? ['wasm', 'cpu'] : [backend])
  const out = new Float32Array(rows)
  for (let start = 0; start < rows; start += batchRows) {
    const end = Math.min(start + batchRows, rows)
    out.set(predictBatch(tf, weights, x.subarray(start * weights.inputs, end * weights.inputs), end - start), start)
  }
  return out
}

function predictBatch(tf: typeof Tensorflow, weights: NetworkWeights, x: Float32Array, rows: number): Float32Array {
  return tf.tidy(() => {
    let value: Tensorflow.Tensor2D = tf.tensor2d(x, [rows, weights.inputs])
    for (const { units, activation, kernel, bias } of weights.layers) {
      const b = tf.tensor2d(kernel, [kernel.length / units, units])
      value = tf.fused.matMul({ a: value, b, bias: tf.tensor1d(bias), activation }) as Tensorflow.Tensor2D
    }
    return value.dataSync<'float32'>()
  })
}
