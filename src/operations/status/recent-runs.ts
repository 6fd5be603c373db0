import { didYouMean, FtiError } from '../../base/index.ts'
import type { Project } from '../../project/index.ts'
import { listPipelines, listRuns, type Run, runsErrors } from '../../runs/index.ts'
import { trainingPipeline } from '../../training/index.ts'

/** A run as `fti runs list` shows it. */
export interface ListedRun {
  readonly id: string
  readonly pipeline: string
  readonly status: Run['status']
  /** ISO 8601 UTC; null when its record cannot be read. */
  readonly startedAt: string | null
  readonly durationMs: number | null
  /** The code of the error that it ended with. */
  readonly code: string | null
  /** What it made, why it failed or was skipped. */
  readonly summary: string
}

export interface RecentRunsOptions {
  /** `feature-airport_departures`, `train-late_departure`; all without it. */
  readonly pipeline?: string | undefined
  readonly limit: number
}

/** Runs of all pipelines, newest first. Errors: FTI_PIPELINE_UNKNOWN for one that neither ran nor is declared. */
export async function recentRuns(
  project: Pick<Project, 'state' | 'groups' | 'models'>,
  { pipeline, limit }: RecentRunsOptions,
): Promise<ListedRun[]> {
  if (pipeline !== undefined) await requirePipeline(project, pipeline)
  return (await listRuns(project.state, { pipeline, limit })).map(listed)
}

async function requirePipeline(project: Pick<Project, 'state' | 'groups' | 'models'>, pipeline: string): Promise<void> {
  const declared = [
    ...[...project.groups.keys()].map((name) => `feature-${name}`),
    ...[...project.models.keys()].map(trainingPipeline),
  ]
  const known = new Set([...declared, ...(await listPipelines(project.state))])
  if (known.has(pipeline)) return
  throw new FtiError(runsErrors.FTI_PIPELINE_UNKNOWN, {
    message: `there is no pipeline '${pipeline}'`,
    place: project.state,
    remedy: didYouMean(pipeline, known),
  })
}

function listed(run: Run): ListedRun {
  const { id, pipeline, status } = run
  if (run.status === 'corrupt')
    return { id, pipeline, status, startedAt: null, durationMs: null, code: null, summary: run.problem }
  const { startedAt, durationMs, error } = run
  return { id, pipeline, status, startedAt, durationMs, code: error?.code ?? null, summary: summaryOf(run) }
}

function summaryOf(run: Exclude<Run, { readonly status: 'corrupt' }>): string {
  if (run.error) return run.error.message
  if (run.status === 'crashed')
    return `its process was gone before it ended (pid ${run.owner.pid} on ${run.owner.host})`
  if (run.status === 'running') return `pid ${run.owner.pid} on ${run.owner.host}`
  return [run.reason, madeOf(run.outputs)].filter((text) => text).join('; ')
}

/** Outputs are plain JSON of each pipeline's own: names and values of what is short enough for a line. */
function madeOf(outputs: unknown): string {
  if (outputs === null || typeof outputs !== 'object') return ''
  return Object.entries(outputs)
    .filter(([name, value]) => shown.has(name) && (value !== 0 || name === 'snapshot') && typeof value !== 'object')
    .map(([name, value]) => (name === 'status' ? String(value) : `${name} ${value}`))
    .join(', ')
}

const shown = new Set(['status', 'snapshot', 'appended', 'restated', 'late', 'quarantined', 'version', 'promotable'])
