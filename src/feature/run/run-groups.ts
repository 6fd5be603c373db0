import { join } from 'node:path'
import {
  countedInGroups,
  type ErrorFacts,
  errorFacts,
  FtiError,
  newId,
  type Reporter,
  throwIfCancelled,
  withCleanUp,
} from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { acquireLock, beginRun, recordRun } from '../../runs/index.ts'
import { type CompatFeed, feedOlderVersions } from '../compat/feed-older-versions.ts'
import { featureErrors } from '../errors.ts'
import { refuseRange } from '../incremental/asked-range.ts'
import type { RunExtent } from '../incremental/plan-intervals.ts'
import { openProjectEngine } from '../project-engine.ts'
import { listReaders, type Reader } from '../readers.ts'
import { type Intake, openIntake } from '../sources/intake.ts'
import type { PushedRows } from '../sources/read-push.ts'
import { syncVersions } from '../sync/sync-versions.ts'
import { type OrderedGroup, orderGroups } from '../transforms/order-groups.ts'
import { afterCommit, followUps } from './after-commit.ts'
import type { GroupOutcome } from './group-outcome.ts'
import { withReaders } from './impact.ts'
import { runOutputs } from './last-committed.ts'
import { neededSpans } from './needed-spans.ts'
import { profileSnapshot } from './profile-snapshot.ts'
import { runGroup } from './run-group.ts'

/** One group's part of a run: what it did, or why it did not. */
export interface GroupReport {
  readonly group: string
  readonly owner?: string | undefined
  readonly status: GroupOutcome['status'] | 'failed' | 'skipped'
  /** Also of a run that failed after its commit. */
  readonly outcome?: GroupOutcome | undefined
  /** What older contract versions got that have SQL for it. */
  readonly compat?: readonly CompatFeed[] | undefined
  /** Keys copied to the online store; absent when it had them already, or does not hold the group. */
  readonly syncedKeys?: number | undefined
  readonly error?: ErrorFacts | undefined
  readonly seconds: number
}

export interface FeatureRunOptions {
  readonly project: Project
  /** Names of groups; all of the project when empty. Groups that they read are not run. */
  readonly groups: readonly string[]
  /** What of the groups is computed; what is new unless given. */
  readonly extent?: RunExtent | undefined
  /** The clock stands still at this moment; without it each step takes its own, so that nothing seems known before its commit. */
  readonly now?: Date | undefined
  readonly by: string
  readonly command: string
  /** How long to wait for another run of the same group. */
  readonly lockWaitMs: number
  readonly reporter: Reporter
  readonly signal?: AbortSignal | undefined
  /** What a source of type push has for this run. */
  readonly pushed?: PushedRows | undefined
  /** They are a small part of a feed: it is not wrong as a whole when the contract refuses all of them. */
  readonly isPart?: boolean | undefined
}

/** What the groups of one call share. */
interface Shared {
  /** Meets nothing but what fti itself wrote, so no group can break it for another. */
  readonly engine: Engine
  readonly intake: Intake
  readonly readers: readonly Reader[]
}

/** Runs feature groups in dependency order. A group that fails before its commit stops those that read it, and no other. */
export async function runFeatureGroups(options: FeatureRunOptions): Promise<GroupReport[]> {
  const { project, groups, pushed, extent = { kind: 'new' } } = options
  const engine = await openProjectEngine(project)
  const runAll = async () => {
    const ordered = await orderGroups(project, groups, engine)
    refuseRange(ordered, extent)
    const intake = openIntake(project, { pushed, spans: await neededSpans(engine, project, ordered, extent) })
    return withCleanUp(
      async () => runEach(options, { engine, intake, readers: await readersOrNone(options) }, ordered),
      () => intake.close(),
    )
  }
  return withCleanUp(runAll, () => engine.close())
}

async function runEach(
  options: FeatureRunOptions,
  shared: Shared,
  ordered: readonly OrderedGroup[],
): Promise<GroupReport[]> {
  const reports: GroupReport[] = []
  for (const { group, reads } of ordered) {
    throwIfCancelled(options.signal)
    const failed = reads.find((name) => reports.some((report) => report.group === name && lacksRows(report)))
    reports.push(failed === undefined ? await reportOf(options, shared, group) : skipped(group, failed, shared.readers))
  }
  return reports
}

function lacksRows({ status, outcome }: GroupReport): boolean {
  return status === 'skipped' || (status === 'failed' && outcome === undefined)
}

/** The feature pipeline goes on without the registry: who reads decides only which older versions stay online. */
async function readersOrNone({ project, reporter }: FeatureRunOptions): Promise<Reader[]> {
  try {
    return await listReaders(project.registry)
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    reporter.warn(`the registry cannot be read (${error.message}); syncing only what this project's models read`)
    return []
  }
}

/** What a run of one group has made until now. */
interface Made {
  outcome?: GroupOutcome
}

async function reportOf(options: FeatureRunOptions, shared: Shared, group: FeatureGroup): Promise<GroupReport> {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  const { name, owner } = group
  const made: Made = {}
  try {
    const { outcome, compat, syncedKeys } = await runRecorded(options, shared, group, made)
    const status = outcome?.status ?? 'nothing to do'
    return { group: name, owner, status, outcome, compat, syncedKeys, seconds: seconds() }
  } catch (error) {
    if (options.signal?.aborted) throw error
    return { group: name, owner, status: 'failed', outcome: made.outcome, error: errorFacts(error), seconds: seconds() }
  }
}

async function runRecorded(options: FeatureRunOptions, shared: Shared, group: FeatureGroup, made: Made) {
  const { project, signal, command, reporter, lockWaitMs: waitMs, now = new Date() } = options
  const lock = await acquireLock(join(project.store, '_locks'), group.name, { command, waitMs, signal })
  const runOnce = async () => {
    const run = await beginRun(project.state, `feature-${group.name}`, { id: newId(now), command, now })
    return recordRun(run, {
      work: (heard) =>
        runAndSync({ ...options, reporter: heard }, shared, group, run.id, made).catch((cause: unknown) => {
          // What is committed is what they read from now on.
          throw made.outcome === undefined ? withReaders(cause, group.name, shared.readers) : cause
        }),
      made: () => made.outcome && madeBy(project, made.outcome),
      reporter,
      signal,
    })
  }
  return withCleanUp(runOnce, () => lock.release())
}

function madeBy(project: Project, outcome: GroupOutcome) {
  const { inputDigest, contractVersion } = outcome
  return { inputs: { inputDigest, contractVersion }, outputs: runOutputs(project, outcome) }
}

interface Done {
  readonly outcome?: GroupOutcome | undefined
  readonly compat?: readonly CompatFeed[] | undefined
  readonly syncedKeys?: number | undefined
}

async function runAndSync(
  options: FeatureRunOptions,
  shared: Shared,
  group: FeatureGroup,
  runId: string,
  made: Made,
): Promise<Done> {
  const { project, reporter, by, command, isPart, signal, extent = { kind: 'new' } } = options
  const clock = () => options.now ?? new Date()
  const { engine, intake, readers } = shared
  return reporter.task(group.name, async (task) => {
    const work = { engine, project, group, intake, extent, runId, clock, by, command, task, isPart, signal }
    const outcome = await runGroup(work)
    if (outcome === undefined) {
      task.update('waiting for rows')
      return {}
    }
    made.outcome = outcome
    const { profile, older, sync } = followUps(group.name)
    await afterCommit(outcome, profile, () => profileSnapshot(engine, project, outcome, signal))
    const compat = await afterCommit(outcome, older, () =>
      feedOlderVersions({ project, group, runId, clock, command, signal }),
    )
    task.update('syncing')
    const syncedKeys = await afterCommit(outcome, sync, () =>
      syncVersions(engine, project, group.name, { readers, clock, signal }),
    )
    task.update(summary(outcome))
    return { outcome, compat, syncedKeys }
  })
}

function summary(outcome: GroupOutcome): string {
  if (outcome.status === 'nothing to do') return 'nothing to do'
  const extras = [
    ...(outcome.inherited === undefined ? [] : [`${count(outcome.inherited)} taken over`]),
    ...(outcome.restated > 0 ? [`${count(outcome.restated)} restated`] : []),
    ...(outcome.late > 0 ? [`${count(outcome.late)} late`] : []),
    ...(outcome.quarantined > 0 ? [`${count(outcome.quarantined)} quarantined`] : []),
  ]
  return [countedInGroups(outcome.appended, 'new row'), ...extras, `snapshot ${outcome.snapshot}`].join(', ')
}

function count(rows: number): string {
  return rows.toLocaleString('en')
}

function skipped(group: FeatureGroup, upstream: string, readers: readonly Reader[]): GroupReport {
  const error = new FtiError(featureErrors.FTI_UPSTREAM_FAILED, {
    message: `'${group.name}' was not run: it reads '${upstream}', which failed`,
    place: `featureGroups.${group.name}`,
    remedy: `correct '${upstream}', then run: fti feature run`,
  })
  const facts = errorFacts(withReaders(error, group.name, readers))
  return { group: group.name, owner: group.owner, status: 'skipped', error: facts, seconds: 0 }
}
