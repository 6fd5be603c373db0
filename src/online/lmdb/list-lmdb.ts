import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isSafeName, isSystemError } from '../../base/index.ts'
import type { EmbeddedLocation } from '../../contract/index.ts'
import type { SyncedGroup } from '../sync-state.ts'
import { namespacesPath, readableNamespace } from './namespace.ts'

/** Reads the records beside the data; opens no LMDB. */
export async function listLmdb(location: EmbeddedLocation): Promise<SyncedGroup[]> {
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
