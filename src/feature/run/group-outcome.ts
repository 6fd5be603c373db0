import type { PublishedContract } from '../../store/index.ts'
import type { Validation, Violation } from '../contract/validate.ts'
import { type IntervalText, textOf } from '../incremental/interval.ts'
import type { IntervalStep } from '../incremental/plan-intervals.ts'
import type { SourceChange } from '../sources/source-changes.ts'
import type { CommittedRows } from './commit-group.ts'
import type { PreparedGroup } from './prepare-group.ts'

/** What one run of one group did. Counts are rows. */
export interface GroupOutcome {
  readonly group: string
  readonly status: 'committed' | 'nothing to do'
  readonly contractVersion: number
  readonly snapshot: number
  readonly inputDigest: string
  readonly rows: number
  readonly appended: number
  readonly unchanged: number
  readonly restated: number
  readonly late: number
  /** Rows of the contract version before that were taken over under new names; absent without any. */
  readonly inherited?: number | undefined
  readonly quarantined: number
  readonly violations: readonly Violation[]
  /** What the owners of the sources have changed since the last commit, and this run could live with. */
  readonly sourceChanges: readonly SourceChange[]
  /** The spans of time that were computed; absent in groups that go over all rows. */
  readonly intervals?: readonly IntervalText[] | undefined
}

export interface StepDone {
  readonly published: PublishedContract
  readonly validation: Validation
  readonly result: CommittedRows
  readonly sourceChanges: readonly SourceChange[]
  readonly step: IntervalStep | undefined
}

/** What one commit did. */
export function outcomeOf(
  { digest }: Pick<PreparedGroup, 'digest'>,
  { published, validation, result, sourceChanges, step }: StepDone,
): GroupOutcome {
  return {
    group: published.contract.group,
    status: result.committed || result.inherited > 0 ? 'committed' : 'nothing to do',
    contractVersion: published.version,
    inputDigest: digest,
    snapshot: result.snapshot,
    rows: validation.rows,
    appended: result.appended,
    unchanged: result.unchanged,
    restated: result.restated,
    late: result.late,
    ...(result.inherited > 0 ? { inherited: result.inherited } : {}),
    quarantined: validation.refusedRows,
    violations: validation.violations,
    sourceChanges,
    ...(step === undefined ? {} : { intervals: step.intervals.map(textOf) }),
  }
}

/** What several commits of one run did together; there is at least one. */
export function sumOutcomes(outcomes: readonly GroupOutcome[]): GroupOutcome {
  const last = outcomes.at(-1)
  if (last === undefined) throw new RangeError('a run without a commit')
  if (outcomes.length === 1) return last
  const sum = (count: (outcome: GroupOutcome) => number) => outcomes.reduce((total, each) => total + count(each), 0)
  return {
    ...last,
    ...(outcomes[0]?.inherited === undefined ? {} : { inherited: outcomes[0].inherited }),
    status: outcomes.some(({ status }) => status === 'committed') ? 'committed' : 'nothing to do',
    rows: sum(({ rows }) => rows),
    appended: sum(({ appended }) => appended),
    unchanged: sum(({ unchanged }) => unchanged),
    restated: sum(({ restated }) => restated),
    late: sum(({ late }) => late),
    quarantined: sum(({ quarantined }) => quarantined),
    violations: sumViolations(outcomes.flatMap(({ violations }) => violations)),
    sourceChanges: outcomes.flatMap(({ sourceChanges }) => sourceChanges),
    intervals: outcomes.flatMap(({ intervals }) => intervals ?? []),
  }
}

/** One of each rule, with the first sample. */
function sumViolations(violations: readonly Violation[]): Violation[] {
  const byRule = new Map<string, Violation>()
  for (const violation of violations) {
    const before = byRule.get(violation.rule)
    byRule.set(violation.rule, before ? { ...before, rows: before.rows + violation.rows } : violation)
  }
  return [...byRule.values()]
}
