import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError, storageError, syncDirectory, throwIfCancelled } from '../../base/index.ts'
import { type Reachability, reachableFiles } from './reachable-files.ts'

export interface VacuumRequest {
  readonly now: Date
  /** Versions that were the newest within so long can still be read afterwards. */
  readonly retentionMs: number
  /** Versions that can still be read afterwards, however old: training datasets were made from them. */
  readonly pins: readonly number[]
  /** Deletes what it names; else it only names it. */
  readonly apply: boolean
  readonly signal?: AbortSignal | undefined
}

export interface UnneededFile {
  /** Relative to the table. */
  readonly path: string
  readonly bytes: number
  /** The version that removed it; null for a file that no version ever had, such as a dead writer's. */
  readonly removedBy: number | null
}

export interface Vacuumed {
  readonly files: readonly UnneededFile[]
  readonly bytes: number
  readonly deleted: boolean
  /** Files that stay for training datasets alone. */
  readonly kept: { readonly files: number; readonly bytes: number }
}

/** A file in no version may be on its way into one: a writer puts it into place first and commits then. */
const unnamedMs = 86_400_000

/**
 * Names, or deletes, the data files of a table that no reader needs. A file stays while it belongs to the newest version, to
 * one that was the newest within the retention, or to a pinned one; and a file that no version has, for the retention and at
 * least a day.
 */
export async function vacuumTable(table: string, request: VacuumRequest): Promise<Vacuumed> {
  const { now, retentionMs, pins, apply, signal } = request
  const reachable = await reachableFiles(table, new Date(now.getTime() - retentionMs), pins)
  const youngest = now.getTime() - Math.max(retentionMs, unnamedMs)
  const files: UnneededFile[] = []
  const kept = { files: 0, bytes: 0 }
  for (const path of await listDataFiles(table)) {
    throwIfCancelled(signal)
    if (reachable.recent.has(path)) continue
    const found = await stat(join(table, path)).catch((error: unknown) => {
      if (isSystemError(error, 'ENOENT')) return undefined
      throw error
    })
    if (found === undefined) continue
    if (reachable.pinned.has(path)) {
      kept.files++
      kept.bytes += found.size
    } else if (reachable.removedBy.has(path) || found.mtimeMs < youngest) {
      files.push({ path, bytes: found.size, removedBy: removedBy(reachable, path) })
    }
  }
  if (apply) await deleteFiles(table, files, signal)
  return { files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), deleted: apply, kept }
}

function removedBy({ removedBy: named }: Reachability, path: string): number | null {
  return named.get(path) ?? null
}

/** Parquet files in the table's folder and in those of its partitions. Names that begin with `_` or `.` are not data. */
export async function listDataFiles(table: string, folder = ''): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(join(table, folder), { withFileTypes: true })) {
    if (/^[_.]/.test(entry.name)) continue
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) found.push(...(await listDataFiles(table, path)))
    else if (entry.isFile() && entry.name.endsWith('.parquet')) found.push(path)
  }
  return found.sort()
}

async function deleteFiles(table: string, files: readonly UnneededFile[], signal?: AbortSignal): Promise<void> {
  for (const { path } of files) {
    throwIfCancelled(signal)
    await rm(join(table, path), { force: true }).catch((error: unknown) => {
      throw storageError(error, join(table, path))
    })
  }
  if (files.length > 0) await syncDirectory(table)
}
