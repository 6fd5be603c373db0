// Entry of the thread in which a version is loaded for the first time; started by trial.ts alone.
import { parentPort, workerData } from 'node:worker_threads'
import { errorFacts } from '../../base/index.ts'
import type { LoadRequest } from '../../scoring/index.ts'
import { loadServedModel } from './served-model.ts'
import type { TrialMessage } from './trial.ts'

const port = parentPort
if (port === null) throw new Error('trial-worker is a worker thread, not a program')
const say = (message: TrialMessage) => port.postMessage(message)

try {
  const { scorer } = await loadServedModel(workerData as LoadRequest)
  scorer.close()
  say({ failure: undefined })
} catch (error) {
  // A class does not survive the way between threads, so an error goes as its parts.
  say({ failure: errorFacts(error) })
}
