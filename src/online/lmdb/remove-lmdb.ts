import { randomUUID } from 'node:crypto'
import { readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isSystemError } from '../../base/index.ts'
import type { EmbeddedLocation } from '../../contract/index.ts'
import { namespacesPath } from './namespace.ts'

const prefix = '.removed-'

/** Takes the folder of a contract version away by one rename, then empties it, with what a removal that died has left. */
export async function removeLmdb(location: EmbeddedLocation, group: string, contractVersion: number): Promise<void> {
  const folder = namespacesPath(location, group, contractVersion)
  const parent = dirname(folder)
  await unlessAbsent(rename(folder, join(parent, `${prefix}${randomUUID()}`)))
  const left = (await unlessAbsent(readdir(parent))) ?? []
  for (const name of left) if (name.startsWith(prefix)) await rm(join(parent, name), { recursive: true, force: true })
}

async function unlessAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}
