import { Worker } from 'node:worker_threads'
import { FtiError, isSystemError, siblingProgram, throwIfCancelled } from '../base/index.ts'
import { type BackendName, backendsFor } from './backend.ts'
import { checkRows } from './check-rows.ts'
import { modelErrors } from './errors.ts'
import type { FitMessage, FitOrder, FittedNetwork } from './fit-message.ts'
import { countParameters, hiddenLayers } from './parameters.ts'
import type { EpochReport, Rows, TrainRequest } from './train-dense.ts'

export interface FitRequest extends TrainRequest {
  /** `auto`: the fastest that works here for a network of this size. */
  readonly backend: BackendName | 'auto'
}

export interface FitOptions {
  readonly onEpoch?: ((report: EpochReport) => void) | undefined
  /** Ends the worker at once; nothing is left behind. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Trains a dense network in a worker thread, so that the caller stays responsive and can be cancelled.
 * Deterministic for one seed and backend. Throws FTI_FIT_INPUT, FTI_LOSS_NAN, FTI_BACKEND_MISSING, FTI_INTERRUPTED.
 */
export async function fitNetwork(request: FitRequest, options: FitOptions = {}): Promise<FittedNetwork> {
  const { onEpoch, signal } = options
  throwIfCancelled(signal)
  checkRows(request)
  const worker = startWorker(request)
  const cancel = () => void worker.terminate()
  signal?.addEventListener('abort', cancel, { once: true })
  try {
    return await outcomeOf(worker, onEpoch)
  } catch (error) {
    throwIfCancelled(signal)
    throw error
  } finally {
    signal?.removeEventListener('abort', cancel)
    await worker.terminate()
  }
}

function startWorker(request: FitRequest): Worker {
  const { network, task, fit, width, train, validation } = request
  const backends = backendsFor(request.backend, countParameters([width, ...hiddenLayers(network), 1]))
  const order: FitOrder = {
    network,
    task,
    fit,
    width,
    train: compact(train),
    validation: compact(validation),
    backends,
  }
  const { url, execArgv } = siblingProgram(import.meta.url, './fit-worker')
  return new Worker(url, { workerData: order, execArgv })
}

/** A view would be sent with the whole buffer behind it; shared memory is not copied at all. */
function compact({ x, y, rows }: Rows): Rows {
  const own = (array: Float32Array) =>
    array.buffer instanceof SharedArrayBuffer || array.byteLength === array.buffer.byteLength ? array : array.slice()
  return { x: own(x), y: own(y), rows }
}

function outcomeOf(worker: Worker, onEpoch: FitOptions['onEpoch']): Promise<FittedNetwork> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FitMessage) => {
      try {
        if (message.type === 'epoch') onEpoch?.(message.report)
        else if (message.type === 'fitted') resolve(message.fitted)
        else reject(receivedError(message))
      } catch (error) {
        reject(error)
      }
    })
    worker.on('error', (error) => reject(isSystemError(error, 'ERR_WORKER_OUT_OF_MEMORY') ? outOfMemory(error) : error))
    worker.on('exit', (code) => reject(new Error(`the training thread ended with ${code} before it had a result`)))
  })
}

function receivedError(message: FitMessage & { type: 'failed' }): FtiError {
  const { code, message: text, remedy, detail } = message
  const entry = Object.values(modelErrors).find((known) => known.code === code)
  if (entry === undefined) throw new Error(`the training thread failed with ${code}: ${text}`)
  return new FtiError(entry, { message: text, remedy, detail })
}

function outOfMemory(cause: unknown): FtiError {
  return new FtiError(modelErrors.FTI_FIT_MEMORY, {
    message: 'the training thread ran out of memory',
    remedy: 'use fewer rows or columns, or a smaller fit.batchSize',
    cause,
  })
}
