// Entry of the worker thread in which a network is trained; started by fit-network.ts alone.
import { parentPort, workerData } from 'node:worker_threads'
import { FtiError } from '../base/index.ts'
import { loadBackend } from './backend.ts'
import type { FitMessage, FitOrder } from './fit-message.ts'
import { trainDense } from './train-dense.ts'

const port = parentPort
if (port === null) throw new Error('fit-worker is a worker thread, not a program')
const say = (message: FitMessage) => port.postMessage(message)

try {
  const { backends, ...request } = workerData as FitOrder
  const { tf, backend } = await loadBackend(backends)
  const trained = trainDense(tf, request, (report) => say({ type: 'epoch', report }))
  say({ type: 'fitted', fitted: { ...trained, backend, tensorflow: tf.version_core } })
} catch (error) {
  // A class does not survive the way between threads, so an expected error goes as its parts.
  if (!(error instanceof FtiError)) throw error
  const { code, message, remedy, detail } = error
  say({ type: 'failed', code, message, remedy, detail })
}
