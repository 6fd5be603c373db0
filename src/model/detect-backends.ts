import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { siblingProgram } from '../base/index.ts'
import { type BackendName, backendNames, packageVersion } from './backend.ts'
import type { BackendReply } from './backend-child.ts'

export interface BackendReport {
  readonly name: BackendName
  readonly available: boolean
  /** Of the package; null where it is not installed. */
  readonly version: string | null
  /** Why it is not available, in one line; null where it is. */
  readonly why: string | null
}

const timeLimitMs = 60_000

/** Tries every backend in a process of its own: a native library that does not fit kills the process that loads it. */
export async function detectBackends(): Promise<BackendReport[]> {
  return Promise.all(backendNames.map(detect))
}

async function detect(name: BackendName): Promise<BackendReport> {
  const version = packageVersion(name)
  if (version === undefined) return { name, available: false, version: null, why: 'it is not installed' }
  const why = await tryInChild(name)
  return { name, available: why === null, version, why }
}

function tryInChild(name: BackendName): Promise<string | null> {
  const { url, execArgv } = siblingProgram(import.meta.url, './backend-child')
  const child = fork(fileURLToPath(url), [name], { execArgv, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), timeLimitMs)
  return new Promise<string | null>((resolve) => {
    child.once('message', (reply) => resolve((reply as BackendReply).why))
    child.once('error', (error) => resolve(error.message))
    // Not at its exit: what it has said may arrive after that, but never after its channel is closed.
    child.once('close', (code, signal) => resolve(`its process ended with ${signal ?? `exit code ${code}`}`))
  }).finally(() => {
    clearTimeout(timer)
    child.kill('SIGKILL')
  })
}
