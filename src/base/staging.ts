import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeDirectory, storageError, syncDirectory, syncFile } from './durable-file.ts'
import { isSystemError } from './error.ts'
import { newId } from './id.ts'
import { currentProcess, isAlive, type ProcessIdentity } from './process-identity.ts'

const prefix = '.staging-'
const ownerFile = '.owner'

/**
 * A folder that is built out of sight and then appears whole under its final name.
 * It carries its owner, so that the next run can tell a dead writer's leftovers from a live one's work.
 */
export interface Staging {
  readonly path: string
  /** Syncs every file and folder, then renames to `target`. False when `target` exists already. */
  publish(target: string): Promise<boolean>
  discard(): Promise<void>
}

/** Opens a staging folder inside `parent`, which must be on the same file system as the target. */
export async function openStaging(parent: string): Promise<Staging> {
  await makeDirectory(parent)
  const path = stagingPath(parent)
  await makeDirectory(path)
  try {
    await writeFile(join(path, ownerFile), JSON.stringify(currentProcess()))
  } catch (error) {
    await rm(path, { recursive: true, force: true })
    throw storageError(error, path)
  }
  let current = path
  return {
    path,
    publish: async (target) => {
      await syncTree(current)
      // Without an owner only the time in its name says that somebody is at work in it: that time must be now.
      const fresh = stagingPath(parent)
      await rename(current, fresh)
      current = fresh
      return publish(current, target)
    },
    discard: () => rm(current, { recursive: true, force: true }),
  }
}

function stagingPath(parent: string): string {
  return join(parent, `${prefix}${newId()}`)
}

async function publish(path: string, target: string): Promise<boolean> {
  await rm(join(path, ownerFile), { force: true })
  await syncDirectory(path)
  try {
    await rename(path, target)
  } catch (error) {
    // A folder replaces only an empty folder, so a claimed name is refused. Windows refuses in the same words as it refuses rights.
    if (isSystemError(error, 'ENOTEMPTY', 'EEXIST')) return false
    if (process.platform === 'win32' && isSystemError(error, 'EPERM') && existsSync(target)) return false
    throw storageError(error, target)
  }
  await syncDirectory(dirname(target))
  return true
}

async function syncTree(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const child = join(path, entry.name)
    if (entry.isDirectory()) await syncTree(child)
    else await syncFile(child)
  }
  await syncDirectory(path)
}

/** Removes the staging folders in `parent` whose owner is dead; returns their names. */
export async function removeDeadStaging(parent: string): Promise<string[]> {
  const dead = await findDeadStaging(parent)
  for (const name of dead) await rm(join(parent, name), { recursive: true, force: true })
  return dead
}

/** Names of the staging folders in `parent` whose owner is dead, for those who must look inside before they remove them. */
export async function findDeadStaging(parent: string): Promise<string[]> {
  const dead: string[] = []
  for (const name of await readdir(parent).catch(() => [] as string[])) {
    if (name.startsWith(prefix) && !(await ownerIsAlive(join(parent, name)))) dead.push(name)
  }
  return dead
}

async function ownerIsAlive(path: string): Promise<boolean> {
  try {
    return isAlive(JSON.parse(await readFile(join(path, ownerFile), 'utf8')) as ProcessIdentity)
  } catch {
    // No owner, or half of one: it died while opening, unless it is opening or publishing at this moment.
    return !isOld(path)
  }
}

const openingMs = 60_000

/** The time is in the name (see `newId`), which no copy or touch changes. */
function isOld(path: string): boolean {
  const stamp = /\.staging-(\d{4})(\d{2})(\d{2})t(\d{2})(\d{2})(\d{2})/.exec(path)
  if (!stamp) return false
  const [, year, month, day, hour, minute, second] = stamp.map(Number)
  const at = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second)
  return Date.now() - at > openingMs
}
