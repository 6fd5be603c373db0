import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../base/index.ts'
import { pipelineName } from './pipeline-name.ts'
import { decodeRun, type Run } from './run-record.ts'

export interface RunFilter {
  /** One pipeline; absent: all of them. */
  readonly pipeline?: string | undefined
  readonly limit?: number | undefined
}

export interface LastRunFilter {
  /** Only runs that ended so. */
  readonly status?: Run['status'] | undefined
  /** Runs that began later are passed over: a clock once ahead must not hide what came after. */
  readonly notAfter?: Date | undefined
}

/** Runs, newest first; an unreadable record is shown as `corrupt`. */
export async function listRuns(state: string, filter: RunFilter = {}): Promise<Run[]> {
  const pipelines = filter.pipeline === undefined ? await listPipelines(state) : [filter.pipeline]
  const all: { pipeline: string; id: string }[] = []
  for (const pipeline of pipelines) for (const id of await runIds(state, pipeline)) all.push({ pipeline, id })
  all.sort((a, b) => (a.id < b.id ? 1 : -1))
  const runs: Run[] = []
  for (const { pipeline, id } of all.slice(0, filter.limit)) runs.push(await readRun(state, pipeline, id))
  return runs
}

/** The newest run of a pipeline that passes the filter; undefined when there is none. */
export async function lastRun(state: string, pipeline: string, filter: LastRunFilter = {}): Promise<Run | undefined> {
  for (const id of (await runIds(state, pipeline)).reverse()) {
    const run = await readRun(state, pipeline, id)
    if (filter.status !== undefined && run.status !== filter.status) continue
    if (filter.notAfter && 'startedAt' in run && Date.parse(run.startedAt) > filter.notAfter.getTime()) continue
    return run
  }
  return undefined
}

/** Names of the pipelines that have run here. */
export async function listPipelines(state: string): Promise<string[]> {
  return (await names(join(state, 'runs'))).filter((name) => !name.startsWith('.')).sort()
}

/** Ids of a pipeline's runs, oldest first: an id begins with its time. */
export async function runIds(state: string, pipeline: string): Promise<string[]> {
  const found = (await names(join(state, 'runs', pipelineName(pipeline)))).filter((name) => /^[^.].*\.json$/.test(name))
  return found.map((name) => name.slice(0, -'.json'.length)).sort()
}

export async function readRun(state: string, pipeline: string, id: string): Promise<Run> {
  return decodeRun(await readFile(join(state, 'runs', pipelineName(pipeline), `${id}.json`), 'utf8'), pipeline, id)
}

async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  }
}
