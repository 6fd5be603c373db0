import { join } from 'node:path'
import {
  createFile,
  currentProcess,
  errorFacts,
  makeDirectory,
  newId,
  removeDeadStaging,
  replaceFile,
} from '../base/index.ts'
import { pipelineName } from './pipeline-name.ts'
import type { RunLogLine } from './run-log.ts'
import type { FinalStatus, RunRecord } from './run-record.ts'

export interface RunBeginning {
  readonly id?: string | undefined
  readonly command: string
  readonly inputs?: unknown
  readonly reason?: string | undefined
  readonly now: Date
}

export interface RunEnd {
  readonly status: FinalStatus
  readonly inputs?: unknown
  readonly outputs?: unknown
  readonly error?: unknown
  readonly reason?: string | undefined
  readonly log?: readonly RunLogLine[] | undefined
}

/** A run that has a record on disk and can be finished once. */
export interface ActiveRun {
  readonly id: string
  readonly record: RunRecord
  finish(end: RunEnd): Promise<RunRecord>
}

/**
 * Writes the record of a run that begins, at `<state>/runs/<pipeline>/<id>.json`; `finish` replaces it.
 * Readers see one or the other, whole; when the process dies in between they see `crashed`.
 */
export async function beginRun(state: string, pipeline: string, beginning: RunBeginning): Promise<ActiveRun> {
  const folder = join(state, 'runs', pipelineName(pipeline))
  const begunMs = performance.now()
  const record: RunRecord = {
    format: 1,
    id: beginning.id ?? newId(beginning.now),
    pipeline,
    status: 'running',
    command: beginning.command,
    owner: currentProcess(),
    startedAt: beginning.now.toISOString(),
    finishedAt: null,
    durationMs: null,
    inputs: beginning.inputs ?? null,
    outputs: null,
    error: null,
    reason: beginning.reason ?? null,
  }
  await makeDirectory(folder)
  await removeDeadStaging(folder)
  const path = join(folder, `${record.id}.json`)
  if (!(await createFile(path, encode(record)))) throw new Error(`run ${pipeline}/${record.id} exists already`)
  return {
    id: record.id,
    record,
    finish: (end) => finish(path, record, end, performance.now() - begunMs),
  }
}

/** The end is the beginning plus what a clock that never jumps measured. */
async function finish(path: string, record: RunRecord, end: RunEnd, durationMs: number): Promise<RunRecord> {
  const finished: RunRecord = {
    ...record,
    status: end.status,
    finishedAt: new Date(Date.parse(record.startedAt) + durationMs).toISOString(),
    durationMs: Math.round(durationMs),
    inputs: end.inputs ?? record.inputs,
    outputs: end.outputs ?? null,
    error: end.error === undefined ? null : errorFacts(end.error),
    reason: end.reason ?? record.reason,
    log: end.log,
  }
  await replaceFile(path, encode(finished))
  return finished
}

function encode(record: RunRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`
}
