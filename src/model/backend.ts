import { createRequire } from 'node:module'
import type * as Tensorflow from '@tensorflow/tfjs-core'
import { FtiError } from '../base/index.ts'
import { modelErrors } from './errors.ts'

/** Where tensors are computed. `cpu` is plain JavaScript, `tfjs-node` the native library, an optional peer. */
export const backendNames = ['tfjs-node', 'wasm', 'cpu'] as const
export type BackendName = (typeof backendNames)[number]

/** Above so many parameters the native library's products outweigh its cost per operation; below, wasm is faster. */
const nativeFromParameters = 200_000

/** The backends worth trying for a network of this size, best first. */
export function backendsFor(choice: BackendName | 'auto', parameters: number): readonly BackendName[] {
  if (choice !== 'auto') return [choice]
  return parameters >= nativeFromParameters && isInstalled('@tensorflow/tfjs-node')
    ? ['tfjs-node', 'wasm', 'cpu']
    : ['wasm', 'cpu']
}

export interface LoadedBackend {
  readonly tf: typeof Tensorflow
  readonly backend: BackendName
}

/** Loads tfjs with the first of the backends that works in this thread. */
export async function loadBackend(choices: readonly BackendName[]): Promise<LoadedBackend> {
  const tf = await import('@tensorflow/tfjs-core')
  tf.enableProdMode()
  const failures: unknown[] = []
  for (const backend of choices) {
    try {
      await registerBackend(backend)
      if (await tf.setBackend(backend === 'tfjs-node' ? 'tensorflow' : backend)) return { tf, backend }
      failures.push(new Error(`${backend} did not start`))
    } catch (error) {
      failures.push(error)
    }
  }
  throw new FtiError(modelErrors.FTI_BACKEND_MISSING, {
    message: `the tensor backend ${choices.join(' or ')} does not load`,
    remedy: 'run `fti doctor` to see which backends work here and why others do not',
    detail: failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join('\n'),
    cause: failures[0],
  })
}

async function registerBackend(backend: BackendName): Promise<void> {
  if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm')
  else if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu')
  else await importNative()
}

/** The peer is not a dependency, so its name must not be resolved when this file is compiled or bundled. */
async function importNative(): Promise<void> {
  const util = createRequire(import.meta.url)('node:util') as { isNullOrUndefined?: (value: unknown) => boolean }
  // tfjs-node 4.22 calls a function that Node 23 removed.
  util.isNullOrUndefined ??= (value) => value === null || value === undefined
  const name: string = '@tensorflow/tfjs-node'
  await import(name)
}

export function isInstalled(packageName: string): boolean {
  try {
    createRequire(import.meta.url).resolve(packageName)
    return true
  } catch {
    return false
  }
}
