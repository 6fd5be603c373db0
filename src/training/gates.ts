import type { Gate, Task } from '../contract/index.ts'
import { bootstrapDifference } from './evaluation/bootstrap.ts'
import { type Evaluation, resamples } from './evaluation/evaluation.ts'
import { metricsOf } from './evaluation/metrics.ts'
import type { ScoredRows } from './evaluation/ranking.ts'

/** What a gate said about a version. */
export interface GateResult {
  /** The gate in words: `auc >= 0.72 for each origin`. */
  readonly gate: string
  readonly passed: boolean
  /** What was found: `0.753`, `worst JFK 0.701`, `no champion yet`. */
  readonly found: string
}

/** The scores of a tagged version on the same test rows, or why it cannot be compared. */
export type Opponent =
  | { readonly kind: 'none' }
  | { readonly kind: 'scored'; readonly version: number; readonly rows: ScoredRows }
  | { readonly kind: 'incomparable'; readonly version: number; readonly why: string }

export interface GateInput {
  readonly task: Task
  readonly evaluation: Evaluation
  readonly rows: ScoredRows
  readonly seed: number
  readonly opponent: (tag: string) => Opponent
}

/** Holds an evaluation against declared gates. Pure: the same input gives the same verdict. */
export function judgeGates(gates: readonly Gate[], input: GateInput): GateResult[] {
  return gates.flatMap((gate) => {
    const results: GateResult[] = []
    if (gate.min !== undefined || gate.max !== undefined)
      results.push(gate.slice === undefined ? judgeBound(gate, input) : judgeSlices(gate, gate.slice, input))
    if (gate.notWorseThan !== undefined) results.push(judgeOpponent(gate, gate.notWorseThan, input))
    return results
  })
}

function judgeBound(gate: Gate, { evaluation }: GateInput): GateResult {
  const estimate = evaluation.metrics[gate.metric]
  const value = estimate?.value ?? Number.NaN
  return {
    gate: describeBound(gate),
    passed: within(gate, value),
    found: estimate ? `${show(value)} (${show(estimate.low)} to ${show(estimate.high)})` : 'not measured',
  }
}

function judgeSlices(gate: Gate, column: string, { evaluation }: GateInput): GateResult {
  const slices = evaluation.slices.filter((slice) => slice.column === column && slice.rows >= gate.minRows)
  const failed = slices.filter((slice) => !within(gate, slice.metrics[gate.metric] ?? Number.NaN))
  const list = (failed.length > 0 ? failed : slices).map(
    (slice) => `${slice.value} ${show(slice.metrics[gate.metric])}`,
  )
  return {
    gate: `${describeBound(gate)} for each ${column} with ${gate.minRows} rows or more`,
    // A gate that saw nothing has shown nothing.
    passed: slices.length > 0 && failed.length === 0,
    found: slices.length === 0 ? `no ${column} has enough rows` : list.join(', '),
  }
}

function judgeOpponent(gate: Gate, tag: string, input: GateInput): GateResult {
  const name = `${gate.metric} not worse than ${tag}`
  const metric = metricsOf(input.task).find((candidate) => candidate.name === gate.metric)
  const opponent = input.opponent(tag)
  if (opponent.kind === 'none') return { gate: name, passed: true, found: `no ${tag} yet` }
  if (opponent.kind === 'incomparable')
    return { gate: name, passed: false, found: `version ${opponent.version}: ${opponent.why}` }
  if (!metric) return { gate: name, passed: false, found: 'not measured' }
  const { difference, low, high } = bootstrapDifference(input.rows, opponent.rows, metric, {
    resamples,
    seed: input.seed,
  })
  // Refused only when the whole interval is on the wrong side: noise alone must not block, nor ratchet the bar down.
  const worse = metric.better === 'higher' ? high < 0 : low > 0
  return {
    gate: name,
    passed: !worse,
    found: `difference to version ${opponent.version}: ${signed(difference)} (${signed(low)} to ${signed(high)})`,
  }
}

function within(gate: Gate, value: number): boolean {
  if (Number.isNaN(value)) return false
  return value >= (gate.min ?? -Infinity) && value <= (gate.max ?? Infinity)
}

function describeBound(gate: Gate): string {
  const bounds = [
    ...(gate.min === undefined ? [] : [`${gate.metric} >= ${gate.min}`]),
    ...(gate.max === undefined ? [] : [`${gate.metric} <= ${gate.max}`]),
  ]
  return bounds.join(' and ')
}

function show(value: number | null | undefined): string {
  return value === null || value === undefined || Number.isNaN(value) ? 'undefined' : value.toFixed(4)
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(4)}`
}
