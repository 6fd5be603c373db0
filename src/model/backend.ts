import { createRequire } from 'node:module'
import type * as Tensorflow from '@tensorflow/tfjs-core'
import { FtiError } from '../base/index.ts'
import { modelErrors } from './errors.ts'

/** Where tensors are computed, best first for large networks. The native ones are optional peers; `cpu` is plain JavaScript. */
export const backendNames = ['tfjs-node-gpu', 'tfjs-node', 'wasm', 'cpu'] as const
export type BackendName = (typeof backendNames)[number]

const packages: Readonly<Record<BackendName, string>> = {
  'tfjs-node-gpu': '@tensorflow/tfjs-node-gpu',
  'tfjs-node': '@tensorflow/tfjs-node',
  wasm: '@tensorflow/tfjs-backend-wasm',
  cpu: '@tensorflow/tfjs-backend-cpu',
}

/** Above so many parameters the native library's products outweigh its cost per operation; below, wasm is faster. */
const nativeFromParameters = 200_000

/** The backends worth trying for a network of this size, best first. */
export function backendsFor(choice: BackendName | 'auto', parameters: number): readonly BackendName[] {
  if (choice !== 'auto') return [choice]
  const native = backendNames.filter((name) => isNative(name) && packageVersion(name) !== undefined)
  return [...(parameters >= nativeFromParameters ? native : []), 'wasm', 'cpu']
}

export interface LoadedBackend {
  readonly tf: typeof Tensorflow
  readonly backend: BackendName
}

/** Loads tfjs with the first of the backends that works in this thread. Throws FTI_BACKEND_MISSING. */
export async function loadBackend(choices: readonly BackendName[]): Promise<LoadedBackend> {
  const tf = await import('@tensorflow/tfjs-core')
  tf.enableProdMode()
  const failures: string[] = []
  for (const backend of choices) {
    const handlers = crashHandlers()
    try {
      await register(backend)
      if (await tf.setBackend(isNative(backend) ? 'tensorflow' : backend)) return { tf, backend }
      failures.push(`${backend}: it did not start`)
    } catch (error) {
      failures.push(`${backend}: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      removeNewHandlers(handlers)
    }
  }
  throw new FtiError(modelErrors.FTI_BACKEND_MISSING, {
    message: `the tensor backend ${choices.join(' or ')} does not load`,
    remedy: 'run `fti doctor` to see which backends work here and why others do not',
    detail: failures.join('\n'),
  })
}

const crashEvents = ['uncaughtException', 'unhandledRejection'] as const

function crashHandlers(): ReadonlySet<unknown> {
  return new Set(crashEvents.flatMap((event) => process.listeners(event as 'uncaughtException')))
}

/** The wasm module's glue takes over how the whole process dies of an error; that is not a backend's business. */
function removeNewHandlers(before: ReadonlySet<unknown>): void {
  for (const event of crashEvents) {
    for (const handler of process.listeners(event as 'uncaughtException')) {
      if (!before.has(handler)) process.removeListener(event, handler)
    }
  }
}

async function register(backend: BackendName): Promise<void> {
  if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm')
  else if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu')
  else await importNative(packages[backend])
}

/** The peers are not dependencies, so their names must not be resolved when this file is compiled. */
async function importNative(name: string): Promise<void> {
  const util = createRequire(import.meta.url)('node:util') as { isNullOrUndefined?: (value: unknown) => boolean }
  // tfjs-node 4.22 calls a function that Node 23 removed.
  util.isNullOrUndefined ??= (value) => value === null || value === undefined
  await import(name)
}

function isNative(backend: BackendName): boolean {
  return backend === 'tfjs-node' || backend === 'tfjs-node-gpu'
}

/** Version of a backend's package; undefined where it is not installed. Loads nothing of it. */
export function packageVersion(backend: BackendName): string | undefined {
  try {
    const manifest = createRequire(import.meta.url)(`${packages[backend]}/package.json`) as { version: string }
    return manifest.version
  } catch {
    return undefined
  }
}
