import { type ErrorFacts, isAlive, type ProcessIdentity } from '../base/index.ts'
import type { RunLogLine } from './run-log.ts'

const finalStatuses = ['done', 'failed', 'cancelled', 'skipped'] as const
export type FinalStatus = (typeof finalStatuses)[number]

/** One execution of one pipeline, as its file holds it. */
export interface RunRecord {
  readonly format: 1
  /** Sorts by time. */
  readonly id: string
  readonly pipeline: string
  readonly status: 'running' | FinalStatus
  readonly command: string
  readonly owner: ProcessIdentity
  /** ISO 8601 UTC. */
  readonly startedAt: string
  readonly finishedAt: string | null
  readonly durationMs: number | null
  /** Plain JSON: what it read and what it made. */
  readonly inputs: unknown
  readonly outputs: unknown
  readonly error: ErrorFacts | null
  /** Why it was skipped or cancelled, or what made it due. */
  readonly reason: string | null
  /** What it told while it worked, oldest first; absent while it runs, and in records of an older fti. */
  readonly log?: readonly RunLogLine[] | undefined
}

/** A run as readers see it: a record, `crashed` when its process is gone, or a file that cannot be read. */
export type Run =
  | (Omit<RunRecord, 'status'> & { readonly status: RunRecord['status'] | 'crashed' })
  | { readonly status: 'corrupt'; readonly id: string; readonly pipeline: string; readonly problem: string }

export function decodeRun(text: string, pipeline: string, id: string): Run {
  try {
    const raw = JSON.parse(text) as RunRecord
    if (raw.format !== 1) throw new Error(`has format ${raw.format}; this fti reads format 1`)
    if (raw.id !== id || raw.pipeline !== pipeline) throw new Error(`belongs to run ${raw.pipeline}/${raw.id}`)
    if (raw.status !== 'running' && !finalStatuses.includes(raw.status)) throw new Error(`has status ${raw.status}`)
    if (Number.isNaN(Date.parse(raw.startedAt))) throw new Error('has no start time')
    return raw.status === 'running' && !isAlive(raw.owner) ? { ...raw, status: 'crashed' } : raw
  } catch (error) {
    return { status: 'corrupt', id, pipeline, problem: (error as Error).message }
  }
}
