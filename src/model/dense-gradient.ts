import type * as Tensorflow from '@tensorflow/tfjs-core'
import type { Task } from '../contract/index.ts'
import { lossOf } from './loss.ts'
import type { Parameters } from './parameters.ts'

type Tensor2D = Tensorflow.Tensor2D

/** One batch: `x` is `[labels.length, width]`; `masks` scale the hidden layers' outputs (inverted dropout). */
export interface Batch {
  readonly x: Float32Array
  readonly labels: Float32Array
  readonly masks?: readonly Float32Array[] | undefined
}

/** Outputs of the network before its last activation, one a row. */
export function forward(tf: typeof Tensorflow, parameters: Parameters, x: Float32Array, rows: number): Float32Array {
  return tf.tidy(() => {
    const outputs = forwardLayers(tf, parameters, { x, rows, masks: undefined }).at(-1) as Tensor2D
    return outputs.dataSync<'float32'>()
  })
}

/**
 * The batch's mean loss; its gradients are written into `gradients`.
 * Products transpose first: in wasm `matMul` with `transposeA` is 8 x slower than `transpose` and `matMul`.
 * Every tensor made here is gone when it returns.
 */
export function lossAndGradients(
  tf: typeof Tensorflow,
  task: Task,
  parameters: Parameters,
  batch: Batch,
  gradients: Parameters,
): number {
  const rows = batch.labels.length
  return tf.tidy(() => {
    const values = forwardLayers(tf, parameters, { x: batch.x, rows, masks: batch.masks })
    const slopes = new Float32Array(rows)
    const loss = lossOf(task, (values.at(-1) as Tensor2D).dataSync<'float32'>(), batch.labels, slopes)
    backward(tf, parameters, values, slopes, batch.masks, gradients)
    return loss
  })
}

/** The input and then what each layer gives on; the last without its activation. */
function forwardLayers(
  tf: typeof Tensorflow,
  parameters: Parameters,
  batch: { x: Float32Array; rows: number; masks: readonly Float32Array[] | undefined },
): Tensor2D[] {
  const { layers } = parameters
  let value: Tensor2D = tf.tensor2d(batch.x, [batch.rows, layers[0]?.inputs ?? 0])
  const values = [value]
  layers.forEach(({ inputs, units, kernel, bias }, i) => {
    const activation = i < layers.length - 1 ? 'relu' : 'linear'
    // New tensors in each step on purpose: the wasm backend packs a right operand once and would not see it change.
    value = tf.fused.matMul({
      a: value,
      b: tf.tensor2d(kernel, [inputs, units]),
      bias: tf.tensor1d(bias),
      activation,
    }) as Tensor2D
    const mask = batch.masks?.[i]
    if (mask) value = tf.mul(value, tf.tensor2d(mask, [batch.rows, units]))
    values.push(value)
  })
  return values
}

function backward(
  tf: typeof Tensorflow,
  parameters: Parameters,
  values: readonly Tensor2D[],
  slopes: Float32Array,
  masks: readonly Float32Array[] | undefined,
  gradients: Parameters,
): void {
  const rows = slopes.length
  const ones = tf.ones([1, rows]) as Tensor2D
  let slope: Tensor2D = tf.tensor2d(slopes, [rows, 1])
  for (let i = parameters.layers.length - 1; i >= 0; i--) {
    const { inputs, units, kernel } = parameters.layers[i] as Parameters['layers'][number]
    const into = gradients.layers[i] as Parameters['layers'][number]
    const value = values[i] as Tensor2D
    into.kernel.set(tf.matMul(tf.transpose(value), slope).dataSync<'float32'>())
    // A product with ones shares the packed slope with the product above; `sum` would read it anew.
    into.bias.set(tf.matMul(ones, slope).dataSync<'float32'>())
    if (i === 0) return
    const back = tf.matMul(slope, tf.transpose(tf.tensor2d(kernel, [inputs, units])))
    const mask = masks?.[i - 1]
    const open = mask ? tf.mul(tf.step(value), tf.tensor2d(mask, [rows, inputs])) : tf.step(value)
    slope = tf.mul(back, open)
  }
}
