import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { FtiError, openStaging, silentReporter, withCleanUp } from '../../base/index.ts'
import { featureErrors } from '../errors.ts'
import { pushSource } from '../run/push-rows.ts'
import { type FeatureRunOptions, type GroupReport, runFeatureGroups } from '../run/run-groups.ts'
import { groupsMadeFrom } from '../transforms/groups-made-from.ts'
import { groupNamed } from '../transforms/order-groups.ts'
import { type BatchWork, commitBatch } from './commit-batch.ts'
import { type LineBatch, lineBatches } from './line-batches.ts'
import type { UnreadableLine } from './unreadable-lines.ts'

export interface FollowOptions extends Omit<FeatureRunOptions, 'groups' | 'pushed' | 'isPart' | 'now'> {
  readonly group: string
  /** Which of the group's sources the rows are for, where it has several that are pushed to. */
  readonly source?: string | undefined
  readonly format: 'ndjson' | 'csv'
  readonly rows: Readable
  readonly batchRows: number
  /** Longest time from the first row of a batch until it is committed. */
  readonly batchMs: number
  /** Told of each batch; the next is read when it returns. */
  readonly onBatch: (batch: FollowedBatch) => Promise<void>
}

/** What became of one batch. */
export interface FollowedBatch {
  readonly batch: number
  readonly firstLine: number
  readonly lastLine: number
  /** The pushed group, then those of the project that are made from it. */
  readonly groups: readonly GroupReport[]
  readonly unreadable: readonly UnreadableLine[]
  readonly seconds: number
}

export interface FollowSummary {
  readonly batches: number
  /** Lines up to this one are committed, quarantined or both; 0 when there was none. */
  readonly lastLine: number
  readonly appended: number
  readonly quarantined: number
  readonly end: 'input' | 'stopped' | 'failed'
  /** Of the batch that ended the stream. */
  readonly failed?: GroupReport | undefined
}

/** What a batch may hold beside its rows, so that long rows cannot fill the memory. */
const batchBytesMax = 32 * 1024 * 1024

/**
 * Pushes a stream in small batches until it ends, or until the signal: then the whole lines that were read are the last batch. A
 * batch is committed before more is read. One that fails ends the stream, for what comes behind it may correct it.
 */
export async function followRows(options: FollowOptions): Promise<FollowSummary> {
  const { project } = options
  const group = groupNamed(project, options.group)
  if (options.format !== 'ndjson') throw notLines(group.name)
  const source = project.sources.get(await pushSource(project, group.name, options.source))
  if (source?.type !== 'push') throw new RangeError(`${source?.name} is not pushed to`)
  const below = await groupsMadeFrom(project, group.name)
  const staging = await openStaging(join(project.state, 'tmp'))
  // A stop lets the batch that is being committed end.
  const { signal: _, ...rest } = options
  const reporter = { ...silentReporter, warn: options.reporter.warn }
  const work = { ...rest, group, source, folder: staging.path, reporter }
  return withCleanUp(
    () => follow(options, work, below),
    () => staging.discard(),
  )
}

function notLines(group: string): FtiError {
  return new FtiError(featureErrors.FTI_PUSH_UNEXPECTED, {
    message: `rows for '${group}' cannot be followed as csv, in which a row may be several lines and needs the header`,
    place: `featureGroups.${group}`,
    remedy: 'write one JSON object a line, or push without --follow',
  })
}

async function follow(options: FollowOptions, work: BatchWork, below: readonly string[]): Promise<FollowSummary> {
  const { rows, batchRows, batchMs, signal, onBatch } = options
  const limits = { rowsMax: batchRows, bytesMax: batchBytesMax, waitMs: batchMs, signal }
  const done = { batches: 0, lastLine: 0, appended: 0, quarantined: 0 }
  // One that was killed may have left its last batch to them.
  let isBehind = true
  for await (const batch of lineBatches(rows, limits)) {
    const started = performance.now()
    const { report, unreadable } = await commitBatch(work, batch)
    const outcome = report?.outcome
    isBehind ||= (outcome?.appended ?? 0) > 0
    const isDue = report?.status !== 'failed' && isBehind && hasRows(outcome) && below.length > 0
    const others = isDue ? await runFeatureGroups({ ...work, groups: below }) : []
    if (isDue) isBehind = false
    const groups = [...(report ? [report] : []), ...others]
    const lastLine = batch.firstLine + batch.lines - 1
    const failed = groups.find(({ status }) => status === 'failed')
    done.appended += outcome?.appended ?? 0
    done.quarantined += (outcome?.quarantined ?? 0) + unreadable.length
    done.batches++
    if (report?.status !== 'failed') done.lastLine = lastLine
    await onBatch({ ...numbersOf(batch, done.batches), groups, unreadable, seconds: secondsSince(started) })
    if (failed !== undefined) return { ...done, end: 'failed', failed }
  }
  return { ...done, end: signal?.aborted ? 'stopped' : 'input' }
}

/** Before its first row a group is nothing to make others from. A run that had nothing to do counted none, and there are some. */
function hasRows(outcome: GroupReport['outcome']): boolean {
  return outcome !== undefined && (outcome.rows === 0 || outcome.rows > outcome.quarantined)
}

function numbersOf({ firstLine, lines }: LineBatch, batch: number) {
  return { batch, firstLine, lastLine: firstLine + lines - 1 }
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}
