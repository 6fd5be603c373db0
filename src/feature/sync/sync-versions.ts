import type { Engine } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import type { Reader } from '../readers.ts'
import { onlineVersions } from './online-versions.ts'
import { syncIfChanged } from './sync.ts'

/** Brings every contract version of a group that the online store holds up to date; the number of keys copied, if any were. */
export async function syncVersions(
  engine: Engine,
  project: Project,
  group: string,
  options: {
    readonly readers: readonly Reader[]
    readonly clock: () => Date
    readonly signal?: AbortSignal | undefined
  },
): Promise<number | undefined> {
  const { readers, clock, signal } = options
  let keys: number | undefined
  for (const contractVersion of await onlineVersions(project, group, readers)) {
    const state = await syncIfChanged(engine, project, group, { now: clock(), contractVersion, signal })
    if (state) keys = (keys ?? 0) + state.rows
  }
  return keys
}
