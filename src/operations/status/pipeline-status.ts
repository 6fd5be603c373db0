import { type ErrorFacts, formatDuration } from '../../base/index.ts'
import type { Run } from '../../runs/index.ts'

export type Health = 'good' | 'warn' | 'bad' | 'none'

/** One of the three pipelines, in one line, and what is wrong with it. */
export interface PipelineStatus {
  readonly pipeline: 'feature' | 'training' | 'inference'
  readonly health: Health
  readonly summary: string
  readonly owners: readonly string[]
  readonly problems: readonly StatusProblem[]
}

/** Something that is wrong, and what to type next. */
export interface StatusProblem {
  /** A group, a model, a service, a version. */
  readonly about: string
  /** Null when no error of fti says it, as of a process that was killed. */
  readonly code: string | null
  /** ISO 8601 UTC; null when it is so now. */
  readonly at: string | null
  readonly message: string
  readonly place: string | null
  readonly next: string
}

/** How one group, model or service is. */
export interface PartStatus {
  readonly health: Health
  readonly text: string
  readonly problem?: StatusProblem | undefined
}

const order: readonly Health[] = ['bad', 'warn', 'good', 'none']

export function worst(parts: readonly PartStatus[]): Health {
  return order.find((health) => parts.some((part) => part.health === health)) ?? 'none'
}

export function problemsOf(parts: readonly PartStatus[]): StatusProblem[] {
  return parts.flatMap(({ problem }) => problem ?? [])
}

export function ownersOf(nouns: Iterable<{ readonly owner?: string | undefined }>): string[] {
  return [...new Set([...nouns].flatMap(({ owner }) => owner ?? []))]
}

/** What is wrong with a part because its last run failed; undefined when it did not. */
export function failureOf(run: Run | undefined, about: string): StatusProblem | undefined {
  if (run?.status !== 'failed' && run?.status !== 'crashed') return undefined
  const next = `fti runs show ${run.id}`
  if (run.status === 'failed') return errorProblem(about, run.error, next, run.finishedAt ?? run.startedAt)
  const message = `its process was gone before it ended (pid ${run.owner.pid} on ${run.owner.host})`
  return { about, code: null, at: run.startedAt, message, place: null, next }
}

export function errorProblem(about: string, error: ErrorFacts | null, next: string, at?: string): StatusProblem {
  const { code = null, message = 'no reason was recorded', place = null } = error ?? {}
  return { about, code, at: at ?? null, message, place, next }
}

/** `failed 2h ago (FTI_SPINE_REFUSED)`. */
export function failureText({ code, at }: StatusProblem, now: Date): string {
  const ago = at === null ? '' : ` ${formatDuration(Math.max(0, now.getTime() - Date.parse(at)))} ago`
  return code === null ? `crashed${ago}` : `failed${ago} (${code})`
}
