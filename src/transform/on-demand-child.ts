// Entry of a child process that runs one on-demand module under another clock; started by prove-deterministic.ts alone.
import type { Value } from '../contract/index.ts'
import { type OnDemandFunction, type OnDemandSpec, wrapOnDemand } from './on-demand.ts'

type Row = Readonly<Record<string, Value>>

/** What the child is sent; the time zone is in its environment. */
export interface OnDemandOrder {
  /** The bundled module: ESM whose default export is the function. */
  readonly code: string
  readonly spec: OnDemandSpec
  readonly samples: readonly Row[]
  /** How far the clock is put forward, ms. */
  readonly shiftMs: number
  /** Runs the samples last to first, so that a function which remembers gives itself away. */
  readonly backwards: boolean
}

export type OnDemandReply =
  | { readonly outputs: readonly Row[] }
  | { readonly failed: { readonly code: string | undefined; readonly message: string; readonly remedy: string } }

process.once('message', (order: OnDemandOrder) => {
  void run(order).then((reply) => process.send?.(reply, () => process.disconnect()))
})

async function run({ code, spec, samples, shiftMs, backwards }: OnDemandOrder): Promise<OnDemandReply> {
  if (shiftMs !== 0) shiftClock(shiftMs)
  try {
    const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`
    const module = (await import(url)) as { default?: OnDemandFunction }
    if (typeof module.default !== 'function') throw new Error('the module has no function as its default export')
    const onDemand = wrapOnDemand(module.default, spec)
    const outputs = (backwards ? samples.toReversed() : samples).map((sample) => onDemand(sample))
    return { outputs: backwards ? outputs.reverse() : outputs }
  } catch (error) {
    const { code, message, remedy } = error as { code?: string; message?: string; remedy?: string }
    return { failed: { code, message: message ?? String(error), remedy: remedy ?? 'correct the on-demand module' } }
  }
}

function shiftClock(shiftMs: number): void {
  const Real = Date
  globalThis.Date = class extends Real {
    constructor(...parts: unknown[]) {
      super(...((parts.length === 0 ? [Real.now() + shiftMs] : parts) as [number]))
    }
    static override now(): number {
      return Real.now() + shiftMs
    }
  } as DateConstructor
}
