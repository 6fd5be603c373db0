import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { FtiError, siblingProgram, throwIfCancelled } from '../base/index.ts'
import type { Value } from '../contract/index.ts'
import { compareOutputs } from './compare-outputs.ts'
import { transformErrors } from './errors.ts'
import type { OnDemandSpec } from './on-demand.ts'
import type { OnDemandOrder, OnDemandReply } from './on-demand-child.ts'

type Row = Readonly<Record<string, Value>>

export interface DeterminismProof {
  /** The bundled module (ESM text). It runs in child processes, never in this one. */
  readonly code: string
  readonly spec: OnDemandSpec
  /** Rows with at least the inputs; a few dozen real ones are enough. */
  readonly samples: readonly Row[]
  readonly signal?: AbortSignal | undefined
}

const timeLimitMs = 60_000
const dayMs = 86_400_000

/**
 * Runs an on-demand module twice: now in UTC, and 400 days later on the other side of the world, last sample first.
 * Any difference refuses it (FTI_ON_DEMAND_IMPURE): serving would compute other values than training. Returns the outputs.
 */
export async function proveDeterministic(proof: DeterminismProof): Promise<readonly Row[]> {
  const { code, spec, samples, signal } = proof
  if (samples.length === 0) throw new Error('no samples: nothing would be proved')
  const [here, there] = await Promise.all([
    runInChild({ code, spec, samples, shiftMs: 0, backwards: false }, 'UTC', signal),
    runInChild({ code, spec, samples, shiftMs: 400.4 * dayMs, backwards: true }, 'Pacific/Auckland', signal),
  ])
  compareOutputs(here, there, samples)
  return here
}

async function runInChild(order: OnDemandOrder, timeZone: string, signal?: AbortSignal): Promise<readonly Row[]> {
  throwIfCancelled(signal)
  const { url, execArgv } = siblingProgram(import.meta.url, './on-demand-child')
  const child = fork(fileURLToPath(url), {
    env: { ...process.env, TZ: timeZone },
    execArgv,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const kill = () => child.kill('SIGKILL')
  signal?.addEventListener('abort', kill, { once: true })
  const timer = setTimeout(kill, timeLimitMs)
  try {
    const reply = await new Promise<OnDemandReply>((resolve, reject) => {
      child.once('message', (message) => resolve(message as OnDemandReply))
      child.once('error', reject)
      // Not at its exit: what it has said may arrive after that, but never after its channel is closed.
      child.once('close', (status, by) => resolve(endedEarly(by ?? `exit code ${status}`)))
      child.send(order)
    })
    throwIfCancelled(signal)
    return outputsOf(reply)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', kill)
    kill()
  }
}

function endedEarly(how: string): OnDemandReply {
  const message = `the on-demand module ended its process (${how}), or took more than ${timeLimitMs / 1000} s`
  return { failed: { code: undefined, message, remedy: 'make it return quickly, and never call process.exit' } }
}

function outputsOf(reply: OnDemandReply): readonly Row[] {
  if ('outputs' in reply) return reply.outputs
  const { code, message, remedy } = reply.failed
  const entry = Object.values(transformErrors).find((known) => known.code === code)
  throw new FtiError(entry ?? transformErrors.FTI_ON_DEMAND_FAILED, { message, remedy })
}
