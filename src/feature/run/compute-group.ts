import { amended, countedInGroups, FtiError, throwIfCancelled } from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { PublishedContract, SourceColumns } from '../../store/index.ts'
import type { Validation } from '../contract/validate.ts'
import { conditionOn, isAllTime, textOf } from '../incremental/interval.ts'
import type { Computed } from '../incremental/ledger.ts'
import type { IntervalStep } from '../incremental/plan-intervals.ts'
import { newestTime } from '../incremental/restrict-rows.ts'
import { compareSources, sourceColumns } from '../sources/source-changes.ts'
import { expectedColumns } from '../transforms/check-schema.ts'
import { outputTable } from '../transforms/transform.ts'
import { commitGroup } from './commit-group.ts'
import { findCutWindows } from './cut-windows.ts'
import { type GroupOutcome, outcomeOf, sumOutcomes } from './group-outcome.ts'
import type { GroupRunOptions } from './group-run-options.ts'
import { checkRows, transformRows } from './make-rows.ts'
import type { PreparedGroup } from './prepare-group.ts'

/** Runs the transform once, then takes each step of the plan through the contract into a commit of its own. */
export async function computeGroup(
  engine: Engine,
  options: GroupRunOptions,
  prepared: PreparedGroup,
  before: SourceColumns,
): Promise<GroupOutcome> {
  const { project, group, task, signal } = options
  const { input, incremental } = prepared
  const intervals = incremental?.steps.flatMap((step) => step.intervals)
  task.update('transforming')
  const items = await transformRows(engine, project, { group, input, intervals, signal })
  const steps: readonly (IntervalStep | undefined)[] = incremental?.steps ?? [undefined]
  const outcomes: GroupOutcome[] = []
  let published: PublishedContract | undefined
  for (const [index, step] of steps.entries()) {
    throwIfCancelled(signal)
    const isOnly = steps.length === 1
    const rows = isOnly ? outputTable : rowsOf(options, step, index)
    const said = isOnly ? '' : `, interval ${index + 1} of ${steps.length}`
    try {
      const made = await commitStep(engine, options, prepared, { step, items, rows, said, published, before })
      published = made.published
      outcomes.push(made.outcome)
    } catch (error) {
      throw index === 0 ? error : afterSteps(error, step)
    }
  }
  return sumOutcomes(outcomes)
}

interface StepToCommit {
  readonly step: IntervalStep | undefined
  /** SELECT list of the declared columns. */
  readonly items: string
  /** Relation of what the transform gave for it. */
  readonly rows: string
  /** What is added to a message about its progress. */
  readonly said: string
  /** The contract, where an earlier step has published it. */
  readonly published: PublishedContract | undefined
  /** What the sources looked like at the last commit. */
  readonly before: SourceColumns
}

async function commitStep(
  engine: Engine,
  options: GroupRunOptions,
  prepared: PreparedGroup,
  { step, items, rows, said, before, ...earlier }: StepToCommit,
): Promise<{ readonly published: PublishedContract; readonly outcome: GroupOutcome }> {
  const { project, group, task, isPart, signal, clock, by } = options
  const { input } = prepared
  task.update(`checking the contract${said}`)
  const validation = await checkRows(engine, group, { input, items, rows, now: clock(), isPart })
  throwIfCancelled(signal)
  task.update(`committing ${countedInGroups(validation.rows - validation.refusedRows, 'row')}${said}`)
  const columns = await sourceColumns(engine, input.inputs.sources)
  const changed = earlier.published === undefined ? compareSources(before, columns) : []
  // Rows are known from here on, not from when the run began: a slow transform must not make them look older.
  const now = clock()
  const published = earlier.published ?? (await prepared.settled.publish(by, now))
  // Only where everything was computed does the first row say where the source begins.
  const isWhole = step === undefined || step.intervals.some(isAllTime)
  const given = { accepted: validation.accepted, sources: input.inputs.sources }
  const cut = isWhole ? await findCutWindows(engine, project.store, group, published, given) : undefined
  const accepted = cut === undefined ? validation.accepted : cut.without(validation.accepted)
  const computed = step && (await computedIn(engine, options, { step, rows, validation, now }))
  const kept = prepared.incremental?.kept
  const result = await commitGroup(engine, options, prepared, {
    published,
    validation: { ...validation, accepted },
    isOutput: rows === outputTable,
    columns,
    now,
    computed: computed && { ...computed, input: kept },
  })
  const sourceChanges = [...changed, ...(cut === undefined ? [] : [cut.change])]
  return { published, outcome: outcomeOf(prepared, { published, validation, result, sourceChanges, step }) }
}

/** The rows of one of several steps. Rows without a time go with the first, for the contract to judge. */
function rowsOf({ group }: GroupRunOptions, step: IntervalStep | undefined, index: number): string {
  const { column = '' } = group.incremental ?? {}
  const condition = step && conditionOn(column, step.intervals, index === 0)
  return condition === undefined ? outputTable : `(SELECT * FROM ${outputTable} WHERE ${condition})`
}

interface CheckedStep {
  readonly step: IntervalStep
  readonly rows: string
  readonly validation: Validation
  readonly now: Date
}

/** Of rows that were refused the time counts only where the contract does not have it. */
async function computedIn(
  engine: Engine,
  { group }: GroupRunOptions,
  { step, rows, validation, now }: CheckedStep,
): Promise<Computed> {
  const { column = '' } = group.incremental ?? {}
  const isDeclared = expectedColumns(group).some(({ name }) => name === column)
  const newest = await newestTime(engine, isDeclared ? validation.accepted : rows, column, now)
  return { intervals: step.intervals, newest }
}

/** A failure in the middle of a range: what is before it is committed and stays. */
function afterSteps(error: unknown, step: IntervalStep | undefined): unknown {
  const from = step?.intervals[0] && textOf(step.intervals[0]).from
  if (!(error instanceof FtiError) || !from) return error
  const committed = `what is before ${from} is committed; the same command goes on from there`
  return amended(error, { detail: [error.detail ?? '', committed].join('\n').trim() })
}
