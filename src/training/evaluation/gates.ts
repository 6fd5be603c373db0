import type { Gate, Task } from '../../contract/index.ts'
import { bootstrapDifference } from './bootstrap.ts'
import { type Evaluation, resamples } from './evaluation.ts'
import { type Metric, metricsOf } from './metrics.ts'
import { bestOf, type Opponent } from './opponent.ts'
import type { ScoredRows } from './ranking.ts'

/** What a gate said about a version. */
export interface GateResult {
  /** The gate in words: `auc >= 0.72 for each origin`. */
  readonly gate: string
  readonly passed: boolean
  /** What was found: `0.753`, `worst JFK 0.701`, `no champion yet`. */
  readonly found: string
  /** Of a comparison with a tag: what promotion asks again when the tag names another version by then. */
  readonly comparison?: Comparison | undefined
}

export interface Comparison {
  readonly metric: string
  readonly tag: string
  /** The version that the tag named when it was judged. */
  readonly version: number | null
}

export interface GateInput {
  readonly task: Task
  readonly evaluation: Evaluation
  readonly rows: ScoredRows
  readonly seed: number
  /** What a tag names now, scored on the same rows. */
  readonly opponent: (tag: string) => Opponent
  /** The newest versions that met their gates, scored on the same rows. */
  readonly recent: readonly Opponent[]
}

/** Holds an evaluation against declared gates. Pure: the same input gives the same verdict. */
export function judgeGates(gates: readonly Gate[], input: GateInput): GateResult[] {
  const compared = new Set(gates.flatMap(({ notWorseThan, metric }) => (notWorseThan === undefined ? [] : [metric])))
  return [
    ...gates.flatMap((gate) => {
      const results: GateResult[] = []
      if (gate.min !== undefined || gate.max !== undefined)
        results.push(gate.slice === undefined ? judgeBound(gate, input) : judgeSlices(gate, gate.slice, input))
      if (gate.notWorseThan !== undefined)
        results.push(judgeTag(gate.metric, gate.notWorseThan, input.opponent(gate.notWorseThan), input))
      return results
    }),
    ...[...compared].map((name) => judgeRecent(name, input)),
  ]
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

type Scores = Pick<GateInput, 'task' | 'rows' | 'seed'>

/** The gate `notWorseThan: TAG`, against the version that the tag names. */
export function judgeTag(metricName: string, tag: string, opponent: Opponent, scores: Scores): GateResult {
  const version = opponent.kind === 'none' ? null : opponent.version
  const comparison = { metric: metricName, tag, version }
  const result = (passed: boolean, found: string): GateResult => ({
    gate: `${metricName} not worse than ${tag}`,
    passed,
    found,
    comparison,
  })
  const metric = metricsOf(scores.task).find(({ name }) => name === metricName)
  if (!metric) return result(false, 'not measured')
  if (opponent.kind === 'none') return result(true, `no ${tag} yet`)
  // Refused, for whoever has seen the answers would win, and whoever cannot be compared with has not been beaten.
  if (opponent.kind === 'incomparable') return result(false, `version ${opponent.version}: ${opponent.why}`)
  const { worse, found } = compareScores(metric, opponent, scores)
  return result(!worse, found)
}

/** Against the best of the last five as well: each a little worse than the last, versions could go downhill for ever. */
function judgeRecent(metricName: string, input: GateInput): GateResult {
  const gate = `${metricName} not worse than the best of the last five versions`
  const metric = metricsOf(input.task).find(({ name }) => name === metricName)
  if (!metric) return { gate, passed: false, found: 'not measured' }
  const best = bestOf(input.recent, metric)
  if (best.kind !== 'scored') return { gate, passed: true, found: 'none of them can be compared' }
  const { worse, found } = compareScores(metric, best, input)
  return { gate, passed: !worse, found }
}

/** Worse only when the whole interval of the paired bootstrap is on the wrong side: noise alone must not block. */
function compareScores(metric: Metric, opponent: Opponent & { kind: 'scored' }, { rows, seed }: Scores) {
  const { difference, low, high } = bootstrapDifference(rows, opponent.rows, metric, { resamples, seed })
  return {
    worse: metric.better === 'higher' ? !(high >= 0) : !(low <= 0),
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
