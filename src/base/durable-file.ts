import { type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { diskFull } from './disk-full.ts'
import { FtiError, isSystemError } from './error.ts'
import { baseErrors } from './errors.ts'
import { newId } from './id.ts'

/** Makes a rename or a link inside this folder survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, 'r')
    await handle.sync()
  } catch (error) {
    // Windows can neither open nor sync a folder; there a rename is durable by itself.
    if (!isSystemError(error, 'EPERM', 'EINVAL', 'EISDIR')) throw storageError(error, path)
  } finally {
    await handle?.close()
  }
}

/** Makes a file's bytes survive a power cut. A failed sync is never retried on the same file (fsyncgate). */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    await handle.sync()
  } catch (error) {
    throw storageError(error, path)
  } finally {
    await handle.close()
  }
}

/** Creates a folder and its parents, and makes the new entries durable. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw storageError(error, path)
  })
  if (first === undefined) return
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) await syncDirectory(dirname(folder))
}

/** Writes a file beside its final name, syncs it, and renames it over: readers see before or after, never between. */
export async function replaceFile(path: string, data: string | Uint8Array): Promise<void> {
  const staged = await stageFile(path, data)
  try {
    await rename(staged, path)
  } catch (error) {
    await rm(staged, { force: true })
    throw storageError(error, path)
  }
  await syncDirectory(dirname(path))
}

/**
 * Creates a file that must not exist yet, whole and durable. The link is the decision:
 * of many writers exactly one gets `true`, on local disks and on NFS alike.
 */
export async function createFile(path: string, data: string | Uint8Array): Promise<boolean> {
  const staged = await stageFile(path, data)
  try {
    await link(staged, path)
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false
    throw storageError(error, path)
  } finally {
    await rm(staged, { force: true })
  }
  await syncDirectory(dirname(path))
  return true
}

async function stageFile(path: string, data: string | Uint8Array): Promise<string> {
  const staged = join(dirname(path), `.staging-${newId()}`)
  try {
    const handle = await open(staged, 'wx')
    try {
      await handle.writeFile(data)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    await rm(staged, { force: true })
    throw storageError(error, path, Buffer.byteLength(data))
  }
  return staged
}

/**
 * The operating system's refusal as an error with a remedy; anything else unchanged.
 * @param needs bytes of what was to be written, where that is known
 */
export function storageError(error: unknown, path: string, needs?: number): unknown {
  if (isSystemError(error, 'ENOSPC', 'EDQUOT')) {
    return diskFull(path, { needs, cause: error })
  }
  if (isSystemError(error, 'EACCES', 'EPERM', 'EROFS')) {
    return new FtiError(baseErrors.FTI_NO_PERMISSION, {
      message: `no permission to write ${path}`,
      place: path,
      remedy: 'give this user write access to the folder, or run the command as its owner',
      cause: error,
    })
  }
  if (isSystemError(error, 'EIO')) {
    return new FtiError(baseErrors.FTI_SYNC_FAILED, {
      message: `the disk reported an error while writing ${path}`,
      place: path,
      remedy: 'check the disk (dmesg), then run the command again; it writes new files',
      cause: error,
    })
  }
  return error
}
