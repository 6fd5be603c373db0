import type { Task } from '../contract/index.ts'

/**
 * Mean loss over a batch, from the outputs before their activation, and its slope for each of them.
 * Binary: cross-entropy from logits, stable at any size. Regression: squared error.
 */
export function lossOf(task: Task, outputs: Float32Array, labels: Float32Array, slopes?: Float32Array): number {
  return task === 'binary' ? crossEntropy(outputs, labels, slopes) : squaredError(outputs, labels, slopes)
}

function crossEntropy(logits: Float32Array, labels: Float32Array, slopes: Float32Array | undefined): number {
  const rows = labels.length
  let sum = 0
  for (let i = 0; i < rows; i++) {
    const z = logits[i] as number
    const y = labels[i] as number
    const small = Math.exp(-Math.abs(z))
    sum += Math.max(z, 0) - z * y + Math.log1p(small)
    if (slopes) slopes[i] = ((z >= 0 ? 1 / (1 + small) : small / (1 + small)) - y) / rows
  }
  return sum / rows
}

function squaredError(outputs: Float32Array, labels: Float32Array, slopes: Float32Array | undefined): number {
  const rows = labels.length
  let sum = 0
  for (let i = 0; i < rows; i++) {
    const error = (outputs[i] as number) - (labels[i] as number)
    sum += error * error
    if (slopes) slopes[i] = (2 * error) / rows
  }
  return sum / rows
}
