import { randomUUID } from 'node:crypto'
import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createFile, FtiError, isSystemError, storageError, syncDirectory } from '../base/index.ts'
import { contractFolder } from './contracts.ts'
import { storeErrors } from './errors.ts'
import { profilePath } from './profile.ts'
import { tablePath } from './table-path.ts'

/** The end of a contract version: an event beside those that published it. Nothing reads the version after it. */
export interface Retirement {
  readonly format: 1
  readonly group: string
  readonly version: number
  readonly retiredAt: string
  readonly by: string
  readonly why?: string | undefined
  /** What the table held. */
  readonly rows: number
}

/** Undefined while a version may be read. */
export async function readRetirement(root: string, group: string, version: number): Promise<Retirement | undefined> {
  const path = eventPath(root, group, version)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as Retirement
  } catch (cause) {
    throw new FtiError(storeErrors.FTI_CONTRACT_CORRUPT, {
      message: 'the retirement of a contract version cannot be read: it is not JSON',
      place: path,
      remedy: 'restore this file from a backup',
      cause,
    })
  }
}

/**
 * Ends a contract version. The event decides and comes first; then the table goes in one step, so that no reader meets
 * half of it. A process that dies in between leaves a version that nobody reads, and the next call removes the rest.
 */
export async function retireVersion(root: string, retirement: Omit<Retirement, 'format'>): Promise<Retirement> {
  const { group, version } = retirement
  const event: Retirement = { format: 1, ...retirement }
  const claimed = await createFile(eventPath(root, group, version), `${JSON.stringify(event, null, 2)}\n`)
  const standing = claimed ? event : ((await readRetirement(root, group, version)) ?? event)
  await removeTable(tablePath(root, group, version))
  const profiles = dirname(profilePath(root, { group, contractVersion: version, snapshot: 0 }))
  await rm(profiles, { recursive: true, force: true })
  return standing
}

const prefix = '.retired-'

async function removeTable(table: string): Promise<void> {
  const group = dirname(table)
  try {
    await rename(table, join(group, `${prefix}${randomUUID()}`))
    await syncDirectory(group)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw storageError(error, table)
  }
  const left = await readdir(group).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  })
  for (const name of left) if (name.startsWith(prefix)) await rm(join(group, name), { recursive: true, force: true })
}

/** Not a number, so it is no revision. */
function eventPath(root: string, group: string, version: number): string {
  return join(contractFolder(root, group), `v${version}.retired.json`)
}
