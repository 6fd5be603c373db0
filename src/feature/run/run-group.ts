import { FtiError, withCleanUp } from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import { tidyGroup } from '../../store/index.ts'
import { openProjectEngine } from '../project-engine.ts'
import { compareSources, lastSourceColumns, sourceColumns } from '../sources/source-changes.ts'
import { computeGroup } from './compute-group.ts'
import { findLastOutcome, standingOutcome } from './find-last-outcome.ts'
import { isWaiting } from './group-input.ts'
import type { GroupOutcome } from './group-outcome.ts'
import type { GroupRunOptions } from './group-run-options.ts'
import { withSourceChanges } from './impact.ts'
import { type PreparedGroup, prepareGroup } from './prepare-group.ts'

/**
 * Source -> transform -> contract -> commit, for one group. Nothing is visible before the commit.
 * Undefined for a group to which nothing was ever pushed, and for one that reads such a group.
 */
export async function runGroup(options: GroupRunOptions): Promise<GroupOutcome | undefined> {
  const { project, group, task } = options
  const prepared = await prepareGroup({ ...options, say: task.update })
  const { input, settled, digest } = prepared
  await tidyGroup(project.store, { group: group.name, contractVersion: settled.version })
  if (isWaiting(input)) return standingOutcome(project, group.name, settled.version, digest)
  const done = await nothingToDo(options, prepared)
  if (done) return done
  // A statement that breaks DuckDB takes its engine along, and must take no other group.
  const worker = await openProjectEngine(project)
  return withCleanUp(
    () => work(worker, options, prepared),
    () => worker.close(),
  )
}

/** The outcome of a run whose rows are all there already, from what is known without computing them. */
async function nothingToDo(
  { project, group, by, clock, extent }: GroupRunOptions,
  { settled, digest, incremental }: PreparedGroup,
): Promise<GroupOutcome | undefined> {
  const current = settled.current ?? (settled.isMetadata ? await settled.publish(by, clock()) : undefined)
  if (incremental?.steps.length === 0) return standingOutcome(project, group.name, settled.version, digest)
  return extent.kind === 'new' && current ? findLastOutcome(project, current, digest) : undefined
}

async function work(engine: Engine, options: GroupRunOptions, prepared: PreparedGroup): Promise<GroupOutcome> {
  const { project, group } = options
  const before = await lastSourceColumns(project.store, group.name, prepared.settled.version)
  const compare = async () => compareSources(before, await sourceColumns(engine, prepared.input.inputs.sources))
  try {
    return await computeGroup(engine, options, prepared, before)
  } catch (error) {
    // A statement that broke the engine took with it what could be told of the sources.
    throw error instanceof FtiError ? withSourceChanges(error, await compare().catch(() => [])) : error
  }
}
