import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FtiError, isSystemError } from '../../base/index.ts'
import { storeErrors } from '../errors.ts'
import type { DeltaAction } from './delta-action.ts'

/** One entry of a table's log. */
export interface LogEntry {
  readonly version: number
  readonly actions: readonly DeltaAction[]
}

/** What lies in a table's log folder, by its names alone: order comes from the numbers, never from clocks. */
export interface LogListing {
  /** Versions of the JSON entries, ascending; versions may be missing. */
  readonly entries: readonly number[]
  /** Checkpoints of which every part is there, newest first. */
  readonly checkpoints: readonly CheckpointFiles[]
  /** The newest version; undefined when there is no table. */
  readonly newest: number | undefined
}

/** The state of a table at a version, as one Parquet file or several. */
export interface CheckpointFiles {
  readonly version: number
  readonly paths: readonly string[]
}

/** File of a version in the log, such as `_delta_log/00000000000000000017.json`. */
export function logFile(table: string, version: number): string {
  return join(table, '_delta_log', `${numbered(version)}.json`)
}

/** File of a version's checkpoint in one part. */
export function checkpointFile(table: string, version: number): string {
  return join(table, '_delta_log', `${numbered(version)}.checkpoint.parquet`)
}

function numbered(version: number): string {
  return String(version).padStart(20, '0')
}

/** Lists a table's log. `_last_checkpoint` is not asked: it may be stale or damaged, the names are not. */
export async function listLog(table: string): Promise<LogListing> {
  const folder = join(table, '_delta_log')
  const names = await readdir(folder).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  })
  const entries = names.filter((name) => /^\d{20}\.json$/.test(name)).map((name) => Number.parseInt(name, 10))
  entries.sort((a, b) => a - b)
  const checkpoints = listCheckpoints(folder, names)
  const newest = Math.max(entries.at(-1) ?? -1, checkpoints[0]?.version ?? -1)
  return { entries, checkpoints, newest: newest < 0 ? undefined : newest }
}

function listCheckpoints(folder: string, names: readonly string[]): CheckpointFiles[] {
  const parts = new Map<string, { version: number; of: number; paths: string[] }>()
  for (const name of names.toSorted()) {
    const match = /^(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10}))?\.parquet$/.exec(name)
    if (!match) continue
    const [, version = '', , of = '1'] = match
    const key = `${version} ${of} ${match[2] === undefined}`
    const found = parts.get(key) ?? { version: Number(version), of: Number(of), paths: [] }
    found.paths.push(join(folder, name))
    parts.set(key, found)
  }
  const complete = [...parts.values()].filter(({ of, paths }) => paths.length === of)
  return complete.toSorted((a, b) => b.version - a.version)
}

/** True when the entries `first` to `last` are all there. */
export function hasEntries({ entries }: LogListing, first: number, last: number): boolean {
  return missingEntry(entries, first, last) === undefined
}

function missingEntry(entries: readonly number[], first: number, last: number): number | undefined {
  const wanted = entries.filter((version) => version >= first && version <= last)
  const hole = wanted.findIndex((version, index) => version !== first + index)
  if (hole >= 0) return first + hole
  return wanted.length < last - first + 1 ? first + wanted.length : undefined
}

/** The entries `first` to `last`, oldest first; an error that names the first one missing or unreadable. */
export async function readEntries(
  table: string,
  { entries }: LogListing,
  first: number,
  last: number,
): Promise<LogEntry[]> {
  const missing = missingEntry(entries, first, last)
  if (missing !== undefined) throw missingFromLog(table, missing)
  const read: LogEntry[] = []
  // In portions, for a long log would need more open files than a process may have.
  for (let begin = first; begin <= last; begin += 64) {
    const portion = Array.from({ length: Math.min(64, last - begin + 1) }, (_, index) => begin + index)
    read.push(...(await Promise.all(portion.map((version) => readEntry(table, version)))))
  }
  return read
}

/** Every entry that is left, oldest first: other tools may clean away the beginning of a log that has a checkpoint. */
export async function readLog(table: string, listing?: LogListing): Promise<LogEntry[]> {
  const listed = listing ?? (await listLog(table))
  const [first] = listed.entries
  const last = listed.entries.at(-1)
  if (first === undefined || last === undefined) return []
  const beginning = listed.checkpoints.length > 0 ? first : 0
  return readEntries(table, listed, beginning, last)
}

function missingFromLog(table: string, missing: number): FtiError {
  return new FtiError(storeErrors.FTI_TABLE_CORRUPT, {
    message: `version ${missing} is missing from the log`,
    place: logFile(table, missing),
    remedy: 'restore that file from a backup; nothing can stand in for it',
  })
}

export async function readEntry(table: string, version: number): Promise<LogEntry> {
  const path = logFile(table, version)
  const lines = (await readFile(path, 'utf8')).split('\n')
  const actions = lines.flatMap((line, index): DeltaAction[] => {
    if (line.trim() === '') return []
    try {
      return [decodeAction(line)]
    } catch (error) {
      throw new FtiError(storeErrors.FTI_TABLE_CORRUPT, {
        message: `version ${version} of the log cannot be read`,
        place: `${path}:${index + 1}`,
        remedy: 'restore that file from a backup; nothing can stand in for it',
        cause: error,
      })
    }
  })
  return { version, actions }
}

function decodeAction(line: string): DeltaAction {
  const action: unknown = JSON.parse(line)
  if (typeof action !== 'object' || action === null) throw new Error('an action is an object')
  return action
}
