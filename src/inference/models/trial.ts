import { Worker } from 'node:worker_threads'
import { type ErrorFacts, FtiError, isSystemError, siblingProgram, throwIfCancelled } from '../../base/index.ts'
import type { LoadRequest } from '../../scoring/index.ts'
import { inferenceErrors } from '../errors.ts'

export interface TrialOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** What the thread says when it is done: nothing, or why the version cannot be loaded. */
export type TrialMessage = { readonly failure: ErrorFacts | undefined }

const memoryMB = 1024

/**
 * Loads a version in a thread of its own first: one that takes for ever, or all memory, must not take the server with it.
 * Errors: those of loading, and FTI_MODEL_UNLOADABLE when it does not end or outgrows its memory.
 */
export async function tryVersion(request: LoadRequest, { timeoutMs, signal }: TrialOptions): Promise<void> {
  throwIfCancelled(signal)
  const { url, execArgv } = siblingProgram(import.meta.url, './trial-worker')
  const resourceLimits = { maxOldGenerationSizeMb: memoryMB }
  const worker = new Worker(url, { workerData: request, execArgv, resourceLimits })
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const failure = await outcomeOf(worker, AbortSignal.any([timeout, signal]))
    if (failure) throw failure.code === null ? new Error(failure.message) : receivedError(failure)
  } catch (error) {
    throwIfCancelled(signal)
    if (timeout.aborted) throw unloadable(request, `did not load within ${timeoutMs} ms`)
    if (isSystemError(error, 'ERR_WORKER_OUT_OF_MEMORY')) throw unloadable(request, `needs more than ${memoryMB} MB`)
    throw error
  } finally {
    await worker.terminate()
  }
}

function outcomeOf(worker: Worker, signal: AbortSignal): Promise<ErrorFacts | undefined> {
  return new Promise((resolve, reject) => {
    worker.once('message', (message: TrialMessage) => resolve(message.failure))
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the loading thread ended with ${code} and said nothing`)))
    signal.addEventListener('abort', () => reject(new Error('the loading thread was stopped')), { once: true })
  })
}

function receivedError({ code, exit, ...text }: ErrorFacts): FtiError {
  const entry = { code: code as `FTI_${string}`, exit, means: text.message }
  return new FtiError(entry, { ...text, remedy: text.remedy ?? 'use another version' })
}

function unloadable({ model, version, registry }: LoadRequest, what: string): FtiError {
  return new FtiError(inferenceErrors.FTI_MODEL_UNLOADABLE, {
    message: `${model}@${version} ${what}`,
    place: registry,
    remedy: `roll back with \`fti registry rollback ${model}\`, and look at the version's on-demand code and size`,
  })
}
