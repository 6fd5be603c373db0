import { open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive, isSystemError, type ProcessIdentity, syncDirectory } from '../../base/index.ts'
import { finishedSuffix, liveSuffix, ownerSuffix } from './log-segment.ts'

/** Finishes the segments that dead writers left: cuts them behind their last whole line. Returns their new names. */
export async function repairLog(directory: string): Promise<string[]> {
  const repaired: string[] = []
  for (const name of await namesIn(directory)) {
    // By the owner too, which is written first: its server may have died before there was a segment.
    const id = /^(.*)\.(?:live|owner)$/.exec(name)?.[1]
    if (id === undefined) continue
    const base = join(directory, id)
    if (await hasLiveOwner(base + ownerSuffix)) continue
    if (await finishUnlessGone(base)) repaired.push(`${base}${finishedSuffix}`)
    await rm(base + ownerSuffix, { force: true })
  }
  if (repaired.length > 0) await syncDirectory(directory)
  return repaired
}

/** Another server that starts at the same moment may be the one that finishes it. */
async function finishUnlessGone(base: string): Promise<boolean> {
  try {
    return await finishDead(base)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false
    throw error
  }
}

async function finishDead(base: string): Promise<boolean> {
  const path = base + liveSuffix
  const bytes = await readFile(path)
  // Lines hold no zero byte, and every line that was acknowledged lies before the first one.
  const zero = bytes.indexOf(0)
  const end = bytes.subarray(0, zero < 0 ? bytes.length : zero).lastIndexOf('\n') + 1
  if (end === 0) {
    await rm(path, { force: true })
    return false
  }
  const handle = await open(path, 'r+')
  try {
    await handle.truncate(end)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(path, base + finishedSuffix)
  return true
}

/** The owner is written before the segment, so one that cannot be read was lost with its machine. */
async function hasLiveOwner(path: string): Promise<boolean> {
  try {
    return isAlive(JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity)
  } catch (error) {
    if (error instanceof SyntaxError || isSystemError(error, 'ENOENT')) return false
    throw error
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  }
}
