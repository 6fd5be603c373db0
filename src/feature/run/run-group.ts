import { countedInGroups, FtiError, type TaskReporter, withCleanUp } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import {
  beginTable,
  type CommitResult,
  commitRows,
  type PublishedContract,
  type SourceColumns,
  tidyGroup,
  writeQuarantine,
} from '../../store/index.ts'
import { type SettledContract, settleContract } from '../contract/settle-contract.ts'
import type { Validation, Violation } from '../contract/validate.ts'
import { openProjectEngine } from '../project-engine.ts'
import { describeReader, readersOf } from '../readers.ts'
import type { Intake } from '../sources/intake.ts'
import { compareSources, lastSourceColumns, type SourceChange, sourceColumns } from '../sources/source-changes.ts'
import { declaredAvailability } from '../transforms/availability.ts'
import { refuseUnbound } from '../transforms/bind-transforms.ts'
import { decideTransform } from '../transforms/decide-transform.ts'
import { checkedTable } from '../transforms/inputs.ts'
import { findCutWindows } from './cut-windows.ts'
import { findLastOutcome, waitingOutcome } from './find-last-outcome.ts'
import { type GroupInput, gatherInput } from './group-input.ts'
import { withSourceChanges } from './impact.ts'
import { withoutKept } from './kept-values.ts'
import { makeRows, numberColumn, numberedTable } from './make-rows.ts'
import { refusePartial, withMissingKeys } from './missing-keys.ts'

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
  readonly quarantined: number
  readonly violations: readonly Violation[]
  /** What the owners of the sources have changed since the last commit, and this run could live with. */
  readonly sourceChanges: readonly SourceChange[]
}

export interface GroupRunOptions {
  /** Reads what fti itself wrote. The project's SQL gets an engine of its own, and only when there is work. */
  readonly engine: Engine
  readonly project: Project
  readonly group: FeatureGroup
  readonly intake: Intake
  readonly runId: string
  readonly clock: () => Date
  readonly by: string
  readonly command: string
  readonly task: TaskReporter
  readonly signal?: AbortSignal | undefined
}

/**
 * Source -> transform -> contract -> commit, for one group. Nothing is visible before the commit.
 * Undefined for a group to which nothing was ever pushed.
 */
export async function runGroup(options: GroupRunOptions): Promise<GroupOutcome | undefined> {
  const { engine, project, group, intake, task, signal } = options
  const input = await gatherInput(engine, project, group, intake, { say: task.update, signal })
  refusePartial(group, input)
  const settled = await settleContract(
    project.store,
    group,
    async () => {
      // A name that the SQL does not give is a mistake to correct, not a change to approve.
      await refuseUnbound(project, group)
      return (await readersOf(project.registry, group.name)).map(describeReader)
    },
    (latest) => decideTransform(engine, { root: project.store, group, latest, inputs: input.inputs }),
  )
  await tidyGroup(project.store, { group: group.name, contractVersion: settled.version })
  const isWaiting = input.sources.some(({ digest }) => digest === undefined)
  if (isWaiting) return waitingOutcome(project, group.name, settled.version, input.digest)
  const current =
    settled.current ?? (settled.isMetadata ? await settled.publish(options.by, options.clock()) : undefined)
  const done = current && (await findLastOutcome(project, current, input.digest))
  if (done) return done
  // A statement that breaks DuckDB takes its engine along, and must take no other group.
  const worker = await openProjectEngine(project)
  return withCleanUp(
    () => work(worker, options, input, settled),
    () => worker.close(),
  )
}

async function work(
  engine: Engine,
  options: GroupRunOptions,
  input: GroupInput,
  settled: SettledContract,
): Promise<GroupOutcome> {
  const before = await lastSourceColumns(options.project.store, options.group.name, settled.version)
  const compare = async () => compareSources(before, await sourceColumns(engine, input.inputs.sources))
  try {
    return await transformAndCommit(engine, options, input, settled, before)
  } catch (error) {
    // A statement that broke the engine took with it what could be told of the sources.
    throw error instanceof FtiError ? withSourceChanges(error, await compare().catch(() => [])) : error
  }
}

async function transformAndCommit(
  engine: Engine,
  options: GroupRunOptions,
  input: GroupInput,
  settled: SettledContract,
  before: SourceColumns,
): Promise<GroupOutcome> {
  const { project, group, clock, task, signal } = options
  const validation = await makeRows(engine, project, group, input, { clock, task, signal })
  task.update(`committing ${countedInGroups(validation.rows - validation.refusedRows, 'row')}`)
  // Rows are known from here on, not from when the run began: a slow transform must not make them look older.
  const columns = await sourceColumns(engine, input.inputs.sources)
  const sourceChanges = compareSources(before, columns)
  const now = clock()
  const published = await settled.publish(options.by, now)
  const cut = await findCutWindows(engine, project.store, group, published, input.inputs.sources)
  const accepted = cut === undefined ? validation.accepted : cut.without(validation.accepted)
  const rows = { ...validation, accepted }
  const result = await commit(engine, options, published, input, { validation: rows, columns, now })
  return {
    group: group.name,
    status: result.committed ? 'committed' : 'nothing to do',
    contractVersion: published.version,
    inputDigest: input.digest,
    snapshot: result.snapshot,
    rows: validation.rows,
    appended: result.appended,
    unchanged: result.unchanged,
    restated: result.restated,
    late: result.late,
    quarantined: validation.refusedRows,
    violations: validation.violations,
    sourceChanges: [...sourceChanges, ...(cut === undefined ? [] : [cut.change])],
  }
}

/** Rows that keep the contract, and what is told of them. */
interface Checked {
  readonly validation: Validation
  readonly columns: SourceColumns
  readonly now: Date
}

async function commit(
  engine: Engine,
  { project, group, runId, clock, command, signal }: GroupRunOptions,
  published: PublishedContract,
  { digest: inputDigest }: GroupInput,
  { validation, columns: sourceColumns, now }: Checked,
): Promise<CommitResult> {
  const root = project.store
  const { refused } = validation
  if (refused !== undefined)
    await writeQuarantine({ engine, root, group: group.name, refused, inputDigest, runId, now, signal })
  await beginTable({ engine, root, contract: published, runId, clock, signal })
  const isWhole = group.onMissing === 'delete'
  const accepted = await withoutKept(engine, root, published, validation.accepted)
  // Rows of which none was left out or added lie in a table already.
  const isAll = accepted === checkedTable && !isWhole
  const rows = `(SELECT *, ${declaredAvailability(group)} AS _declared_available_at FROM ${isAll ? numberedTable : accepted})`
  return commitRows({
    engine,
    root,
    contract: published,
    candidate: isWhole ? await withMissingKeys(root, published, { accepted: rows, given: checkedTable }) : rows,
    rowid: isAll ? numberColumn : undefined,
    inputDigest,
    runId,
    sourceColumns,
    clock,
    command,
    signal,
  })
}
