import { counted, sha256 } from '../../base/index.ts'
import type { Model, Task } from '../../contract/index.ts'
import type { EpochReport } from '../../model/index.ts'
import type { GateResult } from '../evaluation/gates.ts'
import type { Judgement } from '../evaluation/judge.ts'
import type { FittedModel } from '../fit-model.ts'
import type { Parity } from '../parity/parity.ts'

/** What is known of a version's quality: `metrics.json` in the registry, and what `fti train` shows. */
export interface Report extends Judgement {
  readonly format: 1
  readonly task: Task
  readonly training: {
    readonly epochs: readonly EpochReport[]
    readonly bestEpoch: number
    readonly backend: string
    readonly parameters: number
    readonly width: number
    /** SHA-256 of weights.bin. */
    readonly weightsDigest: string
  }
  readonly promotable: boolean
}

/** Puts the findings together; a version is promotable when every gate passed, those of leakage and parity among them. */
export function reportOf(
  model: Model,
  judgement: Judgement,
  parity: Parity,
  fitted: FittedModel,
  { weightsBin, ignoreAvailableAt }: { readonly weightsBin: Uint8Array; readonly ignoreAvailableAt: boolean },
): Report {
  const gates = [...(ignoreAvailableAt ? [availabilityGate] : []), ...judgement.gates, parityGate(parity)]
  const { history, bestEpoch, backend, weights } = fitted.network
  return {
    format: 1,
    task: model.task,
    ...judgement,
    training: {
      epochs: history,
      bestEpoch,
      backend,
      parameters: weights.layers.reduce((sum, layer) => sum + layer.kernel.length + layer.bias.length, 0),
      width: weights.inputs,
      weightsDigest: sha256(weightsBin),
    },
    gates,
    promotable: gates.every((gate) => gate.passed),
  }
}

/** What such a version scores, nobody could have scored: it is for comparisons only. */
const availabilityGate: GateResult = {
  gate: 'every value was known at its time',
  passed: false,
  found: 'trained with --ignore-available-at, so it has seen values before they were known',
}

function parityGate({ passed, rows, times, values, differences }: Parity): GateResult {
  const [first] = differences
  return {
    gate: 'serving computes what training saw',
    passed,
    found: first
      ? `row ${first.row}, ${first.column}: trained ${first.trained}, served ${first.served}`
      : `${counted(rows, 'row')} at ${counted(times, 'time')}, ${counted(values, 'value')}, all equal`,
  }
}
