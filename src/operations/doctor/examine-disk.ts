import { mkdir, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createFile, newId, replaceFile } from '../../base/index.ts'
import type { Diagnosis } from './diagnosis.ts'

const enoughBytes = 1024 ** 3

/** Whether the file system of a folder can do what the write protocol needs: link, rename and sync. */
export async function examineFileSystem(directory: string): Promise<Omit<Diagnosis, 'check'>> {
  const parent = await nearestFolder(directory)
  const trial = join(parent, `.staging-${newId()}`)
  await mkdir(trial)
  try {
    const claim = join(trial, 'claim')
    const won = await createFile(claim, 'first')
    const lost = await createFile(claim, 'second')
    if (!won || lost) return { state: 'fail', found: 'a hard link does not decide who was first', ...elsewhere(parent) }
    await replaceFile(claim, 'replaced')
  } catch (error) {
    await writeFile(join(trial, 'plain'), '').catch(() => Promise.reject(error))
    const found = `cannot link, rename or sync: ${error instanceof Error ? error.message : String(error)}`
    return { state: 'fail', found, ...elsewhere(parent) }
  } finally {
    await rm(trial, { recursive: true, force: true })
  }
  return { state: 'ok', found: 'hard links, renames and fsync work', place: parent }
}

function elsewhere(place: string): Pick<Diagnosis, 'place' | 'remedy'> {
  return { place, remedy: 'put store and registry on a local file system, or on NFS 4' }
}

/** Free space where the store lies. */
export async function examineSpace(directory: string): Promise<Omit<Diagnosis, 'check'>> {
  const place = await nearestFolder(directory)
  const { bavail, bsize } = await statfs(place)
  const free = bavail * bsize
  const found = `${(free / 1024 ** 3).toFixed(1)} GiB free`
  if (free >= enoughBytes) return { state: 'ok', found, place }
  return { state: 'warn', found, place, remedy: 'free some space: a run that fills the disk stops with exit code 7' }
}

/** The folder itself, or the nearest one above it that exists: a store is made by its first commit. */
async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return path
  return dirname(path) === path ? path : nearestFolder(dirname(path))
}
