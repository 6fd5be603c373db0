import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FtiError, isAlive, isSystemError, newId } from '../../base/index.ts'
import { readBounded } from '../bounded-file.ts'
import { listJournal } from '../journal/journal.ts'
import { type ModelPaths, numberIn, versionPath } from '../layout.ts'
import { namesIn } from '../unreachable.ts'
import { decodeManifest, manifestName, maxManifestBytes } from './manifest.ts'

/**
 * Removes version folders below `below` that no journal entry names and whose writer is dead. The caller has just
 * claimed `below`, so the highest number on disk stays, and with it the memory of which numbers were used.
 */
async function removeOrphans(paths: ModelPaths, below: number): Promise<number[]> {
  const dead: number[] = []
  for (const version of await unregistered(paths)) {
    if (version < below && (await writerIsDead(paths, version))) dead.push(version)
  }
  if (dead.length === 0) return []
  // A writer that was found dead cannot enter anything any more; but it may have done so just before, so look again.
  const still = await unregistered(paths)
  const removed = dead.filter((version) => still.includes(version))
  for (const version of removed) await removeFolder(paths, version)
  return removed
}

/** After the journal entry the registration stands; what cannot be removed now is left to the next one. */
export async function removeOrphansIfPossible(paths: ModelPaths, below: number): Promise<void> {
  try {
    await removeOrphans(paths, below)
  } catch (error) {
    if (!(error instanceof FtiError) && !isSystemError(error)) throw error
  }
}

/** Version folders that no entry names; none when an entry is damaged, for it might be the one that does. */
export async function unregistered(paths: ModelPaths): Promise<number[]> {
  const numbers = (await namesIn(paths.root, paths.versions)).map((name) => numberIn(name, ''))
  const folders = numbers.filter((number) => number !== undefined)
  const journal = await listJournal(paths.root, paths.model)
  if (journal.some((record) => record.problem !== null)) return []
  const registered = new Set(journal.map((record) => record.entry?.version))
  return folders.filter((version) => !registered.has(version)).sort((a, b) => a - b)
}

/** False for a live writer between its two writes, and for a folder that does not say who made it. */
export async function writerIsDead(paths: ModelPaths, version: number): Promise<boolean> {
  try {
    const bytes = await readBounded(join(versionPath(paths, version), manifestName), maxManifestBytes)
    return !isAlive(decodeManifest(bytes.toString('utf8'), paths.model).writer)
  } catch {
    // Not one of ours, or damaged: `fti registry verify` shows it, and nobody deletes what it does not understand.
    return false
  }
}

/** Out of sight first, so that a kill in the middle leaves no half folder under a version's name. */
async function removeFolder(paths: ModelPaths, version: number): Promise<void> {
  const hidden = join(paths.versions, `.staging-${newId()}`)
  try {
    await rename(versionPath(paths, version), hidden)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return
    throw error
  }
  await rm(hidden, { recursive: true, force: true })
}
