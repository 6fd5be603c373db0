import { FtiError } from '../base/index.ts'
import type { Value } from '../contract/index.ts'
import { transformErrors } from './errors.ts'

type Row = Readonly<Record<string, Value>>

/**
 * Refuses an on-demand function whose two runs over the same samples disagree: it reads the clock, the time zone,
 * chance, or its own past. Both lists are in the order of the samples. Throws FTI_ON_DEMAND_IMPURE.
 */
export function compareOutputs(first: readonly Row[], second: readonly Row[], samples: readonly Row[]): void {
  if (first.length !== samples.length || second.length !== samples.length) {
    throw new Error(`${first.length} and ${second.length} outputs for ${samples.length} samples`)
  }
  samples.forEach((sample, i) => {
    const [a, b] = [first[i] ?? {}, second[i] ?? {}]
    const name = Object.keys({ ...a, ...b }).find((key) => !Object.is(a[key], b[key]))
    if (name === undefined) return
    throw new FtiError(transformErrors.FTI_ON_DEMAND_IMPURE, {
      message: `the on-demand output '${name}' was ${String(a[name])} and then ${String(b[name])} for one input`,
      remedy: 'compute it from the inputs alone: no Date.now(), no local time (use the UTC methods), no Math.random()',
      detail: `input: ${JSON.stringify(sample)}`,
      data: { output: name, sample: i },
    })
  })
}
