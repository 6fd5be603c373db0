import type * as Tensorflow from '@tensorflow/tfjs-core'
import { FtiError } from '../base/index.ts'
import type { Fit, Network, Task } from '../contract/index.ts'
import { adam } from './adam.ts'
import { type Batch, forward, lossAndGradients } from './dense-gradient.ts'
import { dropoutMasks } from './dropout.ts'
import { modelErrors } from './errors.ts'
import { lossOf } from './loss.ts'
import type { NetworkWeights } from './network-weights.ts'
import { initializeParameters, type Parameters, toLayers, viewLike } from './parameters.ts'
import { seededRandom, shuffle } from './random.ts'

/** Rows as one matrix, row by row, with a label each. On a SharedArrayBuffer it is handed to the worker uncopied. */
export interface Rows {
  readonly x: Float32Array
  readonly y: Float32Array
  readonly rows: number
}

export interface EpochReport {
  /** From 1. */
  readonly epoch: number
  /** Mean over the epoch's batches, in the label's own units. */
  readonly loss: number
  /** Null without validation rows. */
  readonly validationLoss: number | null
  readonly seconds: number
}

export interface TrainRequest {
  readonly network: Network
  readonly task: Task
  readonly fit: Fit
  readonly width: number
  readonly train: Rows
  readonly validation: Rows
}

export interface Trained {
  readonly weights: NetworkWeights
  readonly history: readonly EpochReport[]
  /** The epoch whose weights these are: the best by validation loss, else the last. */
  readonly bestEpoch: number
}

/**
 * Trains a dense network on the tensor backend that is set: our own loop and gradients over its operations.
 * One seed gives the same weights to the bit on one backend. Synchronous: run it in a worker.
 */
export function trainDense(
  tf: typeof Tensorflow,
  request: TrainRequest,
  onEpoch: (report: EpochReport) => void,
): Trained {
  const { task, fit, train, validation } = request
  const label = labelScale(task, train)
  const parameters = initializeParameters(request.network, request.width, fit.seed, label.outputBias)
  const step = trainingStep(tf, request, parameters, scaled(train.y, label))
  const validationLabels = scaled(validation.y, label)
  const order = Uint32Array.from({ length: train.rows }, (_, i) => i)
  const random = seededRandom(fit.seed, 'shuffle')
  const history: EpochReport[] = []
  let best = { epoch: 0, loss: Number.POSITIVE_INFINITY, parameters: parameters.flat.slice() }
  for (let epoch = 1; epoch <= fit.epochs; epoch++) {
    const started = performance.now()
    shuffle(order, random)
    const loss = trainEpoch(order, fit.batchSize, step) * label.scale ** 2
    const validationLoss =
      validation.rows === 0 ? null : evaluate(tf, request, parameters, validationLabels) * label.scale ** 2
    const report = { epoch, loss, validationLoss, seconds: (performance.now() - started) / 1000 }
    refuseNaN(report)
    history.push(report)
    onEpoch(report)
    if (validationLoss === null || validationLoss < best.loss) {
      best = { epoch, loss: validationLoss ?? loss, parameters: parameters.flat.slice() }
    } else if (fit.earlyStopping > 0 && epoch - best.epoch >= fit.earlyStopping) break
  }
  const output = task === 'binary' ? 'sigmoid' : 'linear'
  const layers = toLayers(viewLike(parameters, best.parameters), output, label.scale, label.shift)
  return { weights: { inputs: request.width, layers }, history, bestEpoch: best.epoch }
}

interface LabelScale {
  readonly shift: number
  readonly scale: number
  readonly outputBias: number
}

/**
 * Regression learns standardized labels and maps them back in the output layer, so that the learning rate means
 * the same for minutes and for dollars. A binary task starts at the base rate instead of learning it first.
 */
function labelScale(task: Task, { y, rows }: Rows): LabelScale {
  let sum = 0
  for (let i = 0; i < rows; i++) sum += y[i] as number
  const mean = sum / rows
  if (task === 'binary') {
    const rate = (sum + 0.5) / (rows + 1)
    return { shift: 0, scale: 1, outputBias: Math.log(rate / (1 - rate)) }
  }
  let squares = 0
  for (let i = 0; i < rows; i++) squares += ((y[i] as number) - mean) ** 2
  return { shift: mean, scale: Math.sqrt(squares / rows) || 1, outputBias: 0 }
}

function scaled(labels: Float32Array, { shift, scale }: LabelScale): Float32Array {
  return labels.map((y) => (y - shift) / scale)
}

type Step = (rows: Uint32Array) => number

/** Gathers the given rows into one array, and takes one optimizer step on them; returns their mean loss. */
function trainingStep(
  tf: typeof Tensorflow,
  request: TrainRequest,
  parameters: Parameters,
  labels: Float32Array,
): Step {
  const { width, fit, network, train, task } = request
  const gradients = viewLike(parameters, new Float32Array(parameters.flat.length))
  const optimize = adam(parameters.flat.length, fit.learningRate)
  const dropOut = dropoutMasks(network, fit.batchSize, fit.seed)
  const x = new Float32Array(fit.batchSize * width)
  const y = new Float32Array(fit.batchSize)
  return (rows) => {
    rows.forEach((row, i) => {
      x.set(train.x.subarray(row * width, (row + 1) * width), i * width)
      y[i] = labels[row] as number
    })
    const batch: Batch = {
      x: x.subarray(0, rows.length * width),
      labels: y.subarray(0, rows.length),
      masks: dropOut?.(rows.length),
    }
    const loss = lossAndGradients(tf, task, parameters, batch, gradients)
    optimize(parameters.flat, gradients.flat)
    return loss
  }
}

/** Mean loss over the epoch; the first loss that is not finite ends it. */
function trainEpoch(order: Uint32Array, batchSize: number, step: Step): number {
  let sum = 0
  for (let start = 0; start < order.length; start += batchSize) {
    const rows = order.subarray(start, start + batchSize)
    const loss = step(rows)
    if (!Number.isFinite(loss)) return loss
    sum += loss * rows.length
  }
  return sum / order.length
}

const evaluationRows = 4096

function evaluate(tf: typeof Tensorflow, request: TrainRequest, parameters: Parameters, labels: Float32Array): number {
  const { width, task, validation } = request
  let sum = 0
  for (let start = 0; start < validation.rows; start += evaluationRows) {
    const end = Math.min(start + evaluationRows, validation.rows)
    const outputs = forward(tf, parameters, validation.x.subarray(start * width, end * width), end - start)
    sum += lossOf(task, outputs, labels.subarray(start, end)) * (end - start)
  }
  return sum / validation.rows
}

function refuseNaN({ epoch, loss, validationLoss }: EpochReport): void {
  if (Number.isFinite(loss) && Number.isFinite(validationLoss ?? 0)) return
  throw new FtiError(modelErrors.FTI_LOSS_NAN, {
    message: `the ${Number.isFinite(loss) ? 'validation ' : ''}loss is not a finite number in epoch ${epoch}`,
    remedy: 'lower fit.learningRate, or look for extreme values among the features (transforms: clip, log)',
    data: { epoch },
  })
}
