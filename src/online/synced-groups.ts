import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isSafeName, isSystemError } from '../base/index.ts'
import type { OnlineLocation } from './environment.ts'
import { namespacesPath, readableNamespace } from './namespace.ts'
import type { SyncState } from './sync-state.ts'

export interface SyncedGroup {
  readonly group: string
  readonly contractVersion: number
  readonly state: SyncState
}

/**
 * What every group's last sync left, in order of name; empty where nothing was ever synced. One whose record is damaged
 * is left out, as if it had never been synced: so the next run makes it anew. Opens no LMDB.
 */
export async function listSyncStates(location: OnlineLocation): Promise<SyncedGroup[]> {
  const found: SyncedGroup[] = []
  for (const group of (await foldersIn(location.path)).filter(isSafeName).sort()) {
    for (const name of (await foldersIn(join(location.path, group))).sort()) {
      const contractVersion = Number(/^v(\d+)$/.exec(name)?.[1])
      if (Number.isNaN(contractVersion)) continue
      const newest = readableNamespace(namespacesPath(location, group, contractVersion))
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
