import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FtiError, isSystemError, throwIfCancelled } from '../../base/index.ts'
import {
  type CheckpointFiles,
  hasEntries,
  type LogListing,
  listLog,
  logFile,
  readEntries,
  readEntry,
} from '../delta/log.ts'
import { readCheckpoint } from '../delta/read-checkpoint.ts'
import { applyEntry, emptyState } from '../delta/table-state.ts'
import { corruptFinding, findingOf, type StoreFinding } from './store-finding.ts'

/**
 * Reads a table's log again: every entry, the numbers between them, every checkpoint against the entries that it stands for,
 * and what `_last_checkpoint` promises other readers.
 */
export async function verifyLog(table: string, signal?: AbortSignal): Promise<StoreFinding[]> {
  const listing = await listLog(table)
  const findings = await entryFindings(table, listing, signal)
  const isWhole = findings.length === 0
  for (const checkpoint of listing.checkpoints) {
    throwIfCancelled(signal)
    findings.push(...(await checkpointFindings(table, listing, checkpoint, isWhole)))
  }
  return [...findings, ...(await hintFindings(table, listing))]
}

async function entryFindings(table: string, listing: LogListing, signal?: AbortSignal): Promise<StoreFinding[]> {
  const { entries, checkpoints, newest = -1 } = listing
  const findings: StoreFinding[] = []
  const present = new Set(entries)
  // Behind a checkpoint the log may begin where others have cleaned it up.
  const first = checkpoints.length === 0 ? 0 : (entries[0] ?? newest + 1)
  for (let version = first; version <= newest; version++) {
    throwIfCancelled(signal)
    if (present.has(version)) {
      await readEntry(table, version).catch((error: unknown) => {
        if (!(error instanceof FtiError)) throw error
        findings.push(findingOf(error, table))
      })
    } else if (!checkpoints.some((checkpoint) => checkpoint.version === version && version === newest)) {
      const remedy = 'restore that file from a backup; nothing can stand in for it'
      findings.push(corruptFinding(logFile(table, version), `version ${version} is missing from the log`, remedy))
    }
  }
  return findings
}

async function checkpointFindings(
  table: string,
  listing: LogListing,
  checkpoint: CheckpointFiles,
  isWhole: boolean,
): Promise<StoreFinding[]> {
  const { version, paths } = checkpoint
  const place = paths[0] ?? table
  const canBeMade = isWhole && hasEntries(listing, 0, version)
  const remedy = canBeMade ? `delete it; the log has all that it says: ${place}` : 'restore that file from a backup'
  try {
    const { files } = await readCheckpoint(table, checkpoint)
    if (!canBeMade) return []
    const told = emptyState()
    for (const entry of await readEntries(table, listing, 0, version)) applyEntry(told, entry)
    const same = files.size === told.files.size && [...files.keys()].every((path) => told.files.has(path))
    if (same) return []
    return [corruptFinding(place, `the checkpoint of version ${version} has other files than the log`, remedy)]
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    return [corruptFinding(place, `the checkpoint of version ${version} cannot be read`, remedy)]
  }
}

/** fti does not go by it, but other readers do. */
async function hintFindings(table: string, { checkpoints }: LogListing): Promise<StoreFinding[]> {
  const place = join(table, '_delta_log', '_last_checkpoint')
  const text = await readFile(place, 'utf8').catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  })
  if (text === undefined) return []
  const version = versionIn(text)
  if (checkpoints.some((checkpoint) => checkpoint.version === version)) return []
  const problem =
    version === undefined ? 'cannot be read' : `names checkpoint ${version}, which is not there or not whole`
  return [{ severity: 'warning', place, problem, remedy: `delete it; the next checkpoint writes it again: ${place}` }]
}

function versionIn(text: string): number | undefined {
  try {
    const { version } = JSON.parse(text) as { readonly version?: unknown }
    return typeof version === 'number' ? version : undefined
  } catch {
    return undefined
  }
}
