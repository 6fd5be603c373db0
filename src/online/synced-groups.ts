import { readdir } from 'node:fs/promises'
import { isSafeName, isSystemError } from '../base/index.ts'
import type { OnlineLocation } from './environment.ts'
import { namespacesPath, newestNamespace } from './namespace.ts'
import type { SyncState } from './sync-state.ts'

export interface SyncedGroup {
  readonly group: string
  readonly contractVersion: number
  readonly state: SyncState
}

/** What every group's last sync left, in order of name; empty where nothing was ever synced. Opens no LMDB. */
export async function listSyncStates(location: OnlineLocation): Promise<SyncedGroup[]> {
  const found: SyncedGroup[] = []
  for (const group of (await foldersIn(location.path)).filter(isSafeName).sort()) {
    for (const name of (await foldersIn(`${location.path}/${group}`)).sort()) {
      const contractVersion = Number(/^v(\d+)$/.exec(name)?.[1])
      if (Number.isNaN(contractVersion)) continue
      const newest = newestNamespace(namespacesPath(location, group, contractVersion))
      if (newest) found.push({ group, contractVersion, state: newest.record.state })
    }
  }
  return found
}

async function foldersIn(path: string): Promise<string[]> {
  try {
    return (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  }
}
