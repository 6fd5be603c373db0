import { join } from 'node:path'
import { didYouMean, type ErrorFacts, errorFacts, FtiError, newId, type Reporter, throwIfCancelled } from '../base/index.ts'
import type { FeatureGroup } from '../contract/index.ts'
import type { Engine } from '../engine/index.ts'
import { dependencyOrder, type Project } from '../project/index.ts'
import { acquireLock, beginRun } from '../runs/index.ts'
import { listSyncStates } from '../online/index.ts'
import { listGroups } from '../store/index.ts'
import { featureErrors } from './errors.ts'
import { findInputs } from './inputs.ts'
import { openProjectEngine } from './project-engine.ts'
import { type GroupOutcome, runGroup } from './run-group.ts'
import { syncGroup } from './sync.ts'

/** One group's part of a run: what it did, or why it did not. */
export interface GroupReport {
  readonly group: string
  readonly owner?: string | undefined
  readonly status: GroupOutcome['status'] | 'failed' | 'skipped'
  readonly outcome?: GroupOutcome | undefined
  readonly syncedKeys?: number | undefined
  readonly error?: ErrorFacts | undefined
  readonly seconds: number
}

export interface FeatureRunOptions {
  readonly project: Project
  /** Names of groups; all of the project when empty. Groups that they read are not run. */
  readonly groups: readonly string[]
  readonly now: Date
  readonly by: string
  readonly command: string
  /** How long to wait for another run of the same group. */
  readonly lockWaitMs: number
  readonly reporter: Reporter
  readonly signal?: AbortSignal | undefined
}

/** Runs feature groups in dependency order. A group that fails stops those that read it, and no other. */
export async function runFeatureGroups(options: FeatureRunOptions): Promise<GroupReport[]> {
  const ordered = await orderGroups(options.project, options.groups)
  const reports: GroupReport[] = []
  for (const { group, reads } of ordered) {
    throwIfCancelled(options.signal)
    const failed = reads.find((name) =>
      reports.some((report) => report.group === name && (report.status === 'failed' || report.status === 'skipped')),
    )
    reports.push(failed === undefined ? await reportOf(options, group) : skipped(group, failed))
  }
  return reports
}

/** Groups in order of dependency, each with the groups of this project that it reads; all when no name is given. */
export async function orderGroups(project: Project, names: readonly string[]) {
  for (const name of names) {
    if (project.groups.has(name)) continue
    throw new FtiError(featureErrors.FTI_GROUP_UNKNOWN, {
      message: `there is no feature group '${name}' in ${project.name}`,
      place: project.file,
      remedy: didYouMean(name, project.groups.keys()),
      data: { group: name, known: [...project.groups.keys()] },
    })
  }
  const dependencies = await readDependencies(project)
  const wanted = new Set(names.length === 0 ? project.groups.keys() : names)
  return dependencyOrder(project.groups.keys(), dependencies, (name) => project.locate(['featureGroups', name]))
    .filter((name) => wanted.has(name))
    .flatMap((name) => project.groups.get(name) ?? [])
    .map((group) => ({ group, reads: dependencies.get(group.name) ?? [] }))
}

async function readDependencies(project: Project): Promise<Map<string, string[]>> {
  const engine = await openProjectEngine(project)
  try {
    const published = await listGroups(project.store)
    const dependencies = new Map<string, string[]>()
    for (const group of project.groups.values()) {
      const { groups } = await findInputs(engine, project, group, published)
      dependencies.set(group.name, groups.filter((name) => project.groups.has(name)))
    }
    return dependencies
  } finally {
    await engine.close()
  }
}

async function reportOf(options: FeatureRunOptions, group: FeatureGroup): Promise<GroupReport> {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  try {
    const { outcome, syncedKeys } = await runAndSync(options, group)
    return { group: group.name, owner: group.owner, status: outcome.status, outcome, syncedKeys, seconds: seconds() }
  } catch (error) {
    if (options.signal?.aborted) throw error
    return { group: group.name, owner: group.owner, status: 'failed', error: errorFacts(error), seconds: seconds() }
  }
}

async function runAndSync(options: FeatureRunOptions, group: FeatureGroup) {
  const { project, reporter, signal, now, by, command } = options
  const lock = await acquireLock(join(project.store, '_locks'), group.name, {
    command,
    waitMs: options.lockWaitMs,
    signal,
  })
  const run = await beginRun(project.state, `feature-${group.name}`, { id: newId(now), command, now })
  try {
    const done = await reporter.task(group.name, async (task) => {
      const engine = await openProjectEngine(project)
      try {
        const outcome = await runGroup({ engine, project, group, runId: run.id, now, by, command, task, signal })
        task.update('syncing')
        const syncedKeys = await syncIfChanged(engine, project, outcome, now)
        task.update(summary(outcome))
        return { outcome, syncedKeys }
      } finally {
        await engine.close()
      }
    })
    await run.finish({ status: 'done', outputs: done.outcome })
    return done
  } catch (error) {
    await run.finish({ status: signal?.aborted ? 'cancelled' : 'failed', error })
    throw error
  } finally {
    await lock.release()
  }
}

/** An unchanged snapshot needs a new sync only when the online store is elsewhere: never synced, or put into the past. */
async function syncIfChanged(
  engine: Engine,
  project: Project,
  outcome: GroupOutcome,
  now: Date,
): Promise<number | undefined> {
  const states = await listSyncStates(project.online)
  const current = states.find((entry) => entry.group === outcome.group && entry.contractVersion === outcome.contractVersion)
  if (current && current.state.snapshot === outcome.snapshot && current.state.asOf === null) return undefined
  const { rows } = await syncGroup(engine, project, outcome.group, { now, contractVersion: outcome.contractVersion })
  return rows
}

function summary(outcome: GroupOutcome): string {
  if (outcome.status === 'nothing to do') return 'nothing to do'
  const extras = [
    ...(outcome.restated > 0 ? [`${count(outcome.restated)} restated`] : []),
    ...(outcome.late > 0 ? [`${count(outcome.late)} late`] : []),
    ...(outcome.quarantined > 0 ? [`${count(outcome.quarantined)} quarantined`] : []),
  ]
  return [`${count(outcome.appended)} new rows`, ...extras, `snapshot ${outcome.snapshot}`].join(', ')
}

function count(rows: number): string {
  return rows.toLocaleString('en')
}

function skipped(group: FeatureGroup, upstream: string): GroupReport {
  const error = new FtiError(featureErrors.FTI_UPSTREAM_FAILED, {
    message: `'${group.name}' was not run: it reads '${upstream}', which failed`,
    place: `featureGroups.${group.name}`,
    remedy: `correct '${upstream}', then run: fti feature run`,
  })
  return { group: group.name, owner: group.owner, status: 'skipped', error: errorFacts(error), seconds: 0 }
}
