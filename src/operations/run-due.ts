import { join } from 'node:path'
import {
  type ErrorFacts,
  errorFacts,
  FtiError,
  formatDuration,
  type Reporter,
  throwIfCancelled,
  withCleanUp,
} from '../base/index.ts'
import type { Model, Schedule } from '../contract/index.ts'
import { orderGroups, runFeatureGroups } from '../feature/index.ts'
import type { Project } from '../project/index.ts'
import { acquireLock, isDue, lastRun, nextDue, type Run, withRetry } from '../runs/index.ts'
import { type Trigger, train, trainingTrigger } from '../training/index.ts'

/** One pipeline's part of a call: what made it due, and how it ended. */
export interface DueReport {
  readonly pipeline: string
  readonly owner?: string | undefined
  readonly status: 'done' | 'failed' | 'not due'
  /** What fired, or why nothing did. */
  readonly why: string
  /** What it made: a snapshot, a version. */
  readonly result?: string | undefined
  readonly error?: ErrorFacts | undefined
}

export interface RunDueOptions {
  readonly project: Project
  /** The clock stands still at this moment; it runs without it. */
  readonly now?: Date | undefined
  readonly by: string
  readonly command: string
  readonly ftiVersion: string
  readonly reporter: Reporter
  readonly signal?: AbortSignal | undefined
}

const lockWaitMs = 60_000

/**
 * Runs whatever is due, feature groups before models, each with its own retry. A pipeline that fails stops no other.
 * Meant to be called every few minutes: a call that meets another one at work ends with FTI_LOCKED.
 */
export async function runDue(options: RunDueOptions): Promise<DueReport[]> {
  const { project, command, signal } = options
  const lock = await acquireLock(join(project.state, 'locks'), 'run', { command, waitMs: 0, signal })
  const runAll = async () => {
    const reports: DueReport[] = []
    for (const { group } of await orderGroups(project, [])) {
      throwIfCancelled(signal)
      reports.push(await runIfDue(options, group, `feature-${group.name}`, () => runGroup(options, group.name)))
    }
    for (const model of project.models.values()) {
      throwIfCancelled(signal)
      reports.push(await trainIfDue(options, model))
    }
    return reports
  }
  return withCleanUp(runAll, () => lock.release())
}

async function runIfDue(
  options: RunDueOptions,
  { owner, schedule }: { readonly owner?: string | undefined; readonly schedule: Schedule },
  pipeline: string,
  work: () => Promise<string>,
): Promise<DueReport> {
  if (schedule.cron === undefined) return { pipeline, owner, status: 'not due', why: 'it has no schedule' }
  const { project, now = new Date() } = options
  const last = await lastRun(project.state, pipeline, { notAfter: now })
  const startedAt = last && 'startedAt' in last ? new Date(last.startedAt) : undefined
  if (!isDue(schedule.cron, startedAt, now))
    return { pipeline, owner, status: 'not due', why: whyNotDue(schedule.cron, schedule.retry, last, now) }
  return attempt(options, { pipeline, owner, schedule, why: `schedule ${schedule.cron}`, work })
}

/**
 * A run that failed counts as run, or a broken pipeline would be tried at every call; so it says that it failed, and
 * when it is tried next.
 */
function whyNotDue(cron: string, { times, backoffMs }: Schedule['retry'], last: Run | undefined, now: Date): string {
  if (last === undefined || last.status === 'corrupt') return `schedule ${cron}`
  if (last.status === 'done' || last.status === 'running' || last.status === 'skipped')
    return `schedule ${cron}, last ran ${last.startedAt}`
  const next = nextDue(cron, new Date(last.startedAt), now)?.toISOString() ?? 'never'
  const code = last.error?.code ? ` (${last.error.code})` : ''
  const retries = times === 0 ? 'no retry' : `up to ${times} retries from ${formatDuration(backoffMs)} on`
  const ended = `the last run ${last.status} at ${last.finishedAt ?? last.startedAt}${code}`
  return `${ended}; due again at ${next}, schedule ${cron}, with ${retries}; see fti runs show ${last.id}`
}

async function attempt(
  { reporter, signal }: RunDueOptions,
  due: {
    readonly pipeline: string
    readonly owner?: string | undefined
    readonly schedule: Schedule
    readonly why: string
    readonly work: () => Promise<string>
  },
): Promise<DueReport> {
  const { pipeline, owner, schedule, why, work } = due
  try {
    const onRetry = ({ error, waitMs }: { error: unknown; waitMs: number }) =>
      reporter.warn(`${pipeline}: ${errorFacts(error).message}; again in ${Math.ceil(waitMs / 1000)} s`)
    const result = await withRetry({ ...schedule.retry, onRetry }, work, signal)
    return { pipeline, owner, status: 'done', why, result }
  } catch (error) {
    if (signal?.aborted) throw error
    return { pipeline, owner, status: 'failed', why, error: errorFacts(error) }
  }
}

async function runGroup(options: RunDueOptions, group: string): Promise<string> {
  const [report] = await runFeatureGroups({ ...options, groups: [group], lockWaitMs })
  if (report?.error) throw asError(report.error)
  return report?.outcome ? `${report.status}, snapshot ${report.outcome.snapshot}` : ''
}

/** A report holds an error as data; to be tried again it must be one. */
function asError(facts: ErrorFacts): Error {
  const { code, exit, message, place, remedy, detail, data } = facts
  if (code === null) return new Error(message)
  const entry = { code: code as `FTI_${string}`, exit, means: '' }
  return new FtiError(entry, { message, place, remedy: remedy ?? '', detail, data })
}

async function trainIfDue(options: RunDueOptions, model: Model): Promise<DueReport> {
  const pipeline = `train-${model.name}`
  const work = async () => {
    const result = await train({
      ...options,
      model: model.name,
      asOf: options.now ?? new Date(),
      now: options.now ?? new Date(),
      backend: 'auto',
      lockWaitMs,
    })
    return `${result.model}@${result.version}${result.report.promotable ? '' : ', which does not meet its gates'}`
  }
  const scheduled = await runIfDue(options, model, pipeline, work)
  if (scheduled.status !== 'not due') return scheduled
  const trigger = await triggerOrError(options, model)
  if (trigger instanceof FtiError)
    return { ...scheduled, status: 'failed', why: 'its retrain rules cannot be asked', error: errorFacts(trigger) }
  if (!trigger.fired) return { ...scheduled, why: [scheduled.why, ...trigger.reasons].join('; ') }
  return attempt(options, {
    pipeline,
    owner: model.owner,
    schedule: model.schedule,
    why: trigger.reasons.join('; '),
    work,
  })
}

/** A registry that is gone or damaged stops this model, and no other. */
async function triggerOrError({ project, now = new Date() }: RunDueOptions, model: Model): Promise<Trigger | FtiError> {
  try {
    return await trainingTrigger(project, model, now)
  } catch (error) {
    if (error instanceof FtiError) return error
    throw error
  }
}
