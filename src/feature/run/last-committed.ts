import { relative } from 'node:path'
import type { Project } from '../../project/index.ts'
import { lastRun } from '../../runs/index.ts'
import type { GroupOutcome } from './group-outcome.ts'

/** What the record of a run says of what it made. The store is named, for a project may get another one. */
export function runOutputs({ directory, store }: Pick<Project, 'directory' | 'store'>, outcome: GroupOutcome) {
  return { ...outcome, store: relative(directory, store) }
}

/** A snapshot that a run record remembers. */
export interface LastCommitted {
  readonly snapshot: number
  readonly run: string
}

/**
 * The snapshot at which the last good run left a group in this project's store, as its record tells: known without the store, so that
 * one that is gone is not taken for one that never was.
 */
export async function lastCommitted(
  { state, directory, store }: Pick<Project, 'state' | 'directory' | 'store'>,
  group: string,
): Promise<LastCommitted | undefined> {
  const run = await lastRun(state, `feature-${group}`, { status: 'done' })
  if (run === undefined || run.status === 'corrupt') return undefined
  const { snapshot, store: kept } = (run.outputs ?? {}) as { readonly snapshot?: unknown; readonly store?: unknown }
  return typeof snapshot === 'number' && kept === relative(directory, store) ? { snapshot, run: run.id } : undefined
}
