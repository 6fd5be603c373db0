import type { Project } from '../../project/index.ts'
import { lastRun } from '../../runs/index.ts'
import { type PublishedContract, readSnapshot, tablePath } from '../../store/index.ts'
import type { GroupOutcome } from './group-outcome.ts'

/**
 * "Nothing to do", when the newest snapshot holds what this input gives: its commit says so, or the last run that found
 * every row in it already and so had nothing to commit. Without the record, which is of this machine, the rows are compared again.
 */
export async function findLastOutcome(
  project: Project,
  { contract: { group }, version }: PublishedContract,
  inputDigest: string,
): Promise<GroupOutcome | undefined> {
  const snapshot = await readSnapshot(tablePath(project.store, group, version))
  if (snapshot === undefined) return undefined
  if (snapshot.mark?.inputDigest !== inputDigest) {
    const last = await lastRun(project.state, `feature-${group}`, { status: 'done' })
    const outcome = last && 'outputs' in last ? (last.outputs as Partial<GroupOutcome> | null) : undefined
    const same = outcome?.snapshot === snapshot.rowsVersion && outcome.contractVersion === version
    if (!same || outcome.inputDigest !== inputDigest) return undefined
  }
  return nothingToDo(group, version, snapshot.rowsVersion, inputDigest)
}

/** Nothing is computed, as while a group waits for rows to be pushed: it stays at its newest snapshot; undefined while it has none. */
export async function standingOutcome(
  project: Project,
  group: string,
  version: number,
  inputDigest: string,
): Promise<GroupOutcome | undefined> {
  const snapshot = await readSnapshot(tablePath(project.store, group, version))
  return snapshot && nothingToDo(group, version, snapshot.rowsVersion, inputDigest)
}

function nothingToDo(group: string, contractVersion: number, snapshot: number, inputDigest: string): GroupOutcome {
  return {
    group,
    status: 'nothing to do',
    contractVersion,
    snapshot,
    inputDigest,
    rows: 0,
    appended: 0,
    unchanged: 0,
    restated: 0,
    late: 0,
    quarantined: 0,
    violations: [],
    sourceChanges: [],
  }
}
