import { listSyncStates } from '../../online/index.ts'
import type { Project } from '../../project/index.ts'
import { readContracts, readSnapshot, tablePath } from '../../store/index.ts'
import type { Reader } from '../readers.ts'

/**
 * The contract versions of a group that the online store holds, oldest first: those that tagged model versions read, those
 * that were synced before, and the newest one when a model of this project reads the group. A project without models cannot
 * know who reads it, and syncs everything. See docs/decisions/what-is-synced.md.
 */
export async function onlineVersions(
  project: Pick<Project, 'store' | 'online' | 'models'>,
  group: string,
  readers: readonly Reader[],
): Promise<number[]> {
  const newest = (await readContracts(project.store, group)).at(-1)?.version
  if (newest === undefined) return []
  const read = readers.filter((reader) => reader.group === group).map(({ contractVersion }) => contractVersion)
  const synced = (await listSyncStates(project.online))
    .filter((entry) => entry.group === group)
    .map(({ contractVersion }) => contractVersion)
  const declared = [...project.models.values()].flatMap(({ features }) =>
    features.flatMap(({ group: name, contractVersion }) =>
      name === group && contractVersion ? [contractVersion] : [],
    ),
  )
  const wanted = new Set([...read, ...synced, ...declared])
  if (wanted.size > 0 || isAskedFor(project, group)) wanted.add(newest)
  const versions: number[] = []
  for (const version of [...wanted].sort((a, b) => a - b)) {
    if (await readSnapshot(tablePath(project.store, group, version))) versions.push(version)
  }
  return versions
}

function isAskedFor({ models }: Pick<Project, 'models'>, group: string): boolean {
  return models.size === 0 || [...models.values()].some(({ features }) => features.some((read) => read.group === group))
}
