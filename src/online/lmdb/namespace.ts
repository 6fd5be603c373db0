import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { FtiError, isSystemError, safeName } from '../../base/index.ts'
import type { EmbeddedLocation } from '../../contract/index.ts'
import { onlineErrors } from '../errors.ts'
import type { SyncState } from '../sync-state.ts'

/**
 * The values of one sync of one group and contract version: a folder with a number, finished before it appears and
 * never changed after. The highest number is what readers see, so claiming a number by rename is the whole switch.
 */
export interface Namespace {
  readonly number: number
  readonly path: string
  readonly record: NamespaceRecord
}

/** `state.json` in the folder of a namespace. */
export interface NamespaceRecord {
  readonly format: 1
  /** When the sync began to read; a sync that began earlier never replaces one that began later. */
  readonly beganAt: string
  /** Size of the finished `data.mdb`. */
  readonly bytes: number
  /** SHA-256 of its beginning. */
  readonly head?: string | undefined
  readonly state: SyncState
}

export const recordFile = 'state.json'

/** The folder of a group's contract version. Names come from signatures and URLs too, so they are checked here. */
export function namespacesPath(location: EmbeddedLocation, group: string, contractVersion: number): string {
  return join(location.path, safeName(group, 'feature group'), `v${Math.trunc(contractVersion)}`)
}

/** Numbers of the finished namespaces, ascending; empty when there was no sync. */
export function namespaceNumbers(folder: string): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d{1,15}$/.test(name))
      .map(Number)
      .sort((a, b) => a - b)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  }
}

export function newestNamespace(folder: string): Namespace | undefined {
  const number = namespaceNumbers(folder).at(-1)
  return number === undefined ? undefined : readNamespace(folder, number)
}

/** The same, undefined also when its record is damaged: then there is nothing that a sync would have to respect. */
export function readableNamespace(folder: string): Namespace | undefined {
  try {
    return newestNamespace(folder)
  } catch (error) {
    if (error instanceof FtiError && error.code === onlineErrors.FTI_ONLINE_CORRUPT.code) return undefined
    throw error
  }
}

function readNamespace(folder: string, number: number): Namespace {
  const path = join(folder, String(number))
  try {
    const record = JSON.parse(readFileSync(join(path, recordFile), 'utf8')) as NamespaceRecord
    if (record.format !== 1) throw new Error(`its format is ${String(record.format)}, not 1`)
    return { number, path, record }
  } catch (error) {
    throw new FtiError(onlineErrors.FTI_ONLINE_CORRUPT, {
      message: `the state of a sync cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      place: join(path, recordFile),
      remedy: `remove ${folder} and run 'fti feature sync'`,
      cause: error,
    })
  }
}

/**
 * True when `number` is still the newest namespace and the folder the one seen before; two `stat`s.
 * `seen` is what this returned as `folder` the last time.
 */
export function isNewest(folder: string, number: number, seen: Stats): boolean {
  if (statSync(join(folder, String(number + 1)), { throwIfNoEntry: false })) return false
  const now = statNamespace(folder, number)
  return now !== undefined && now.ino === seen.ino && now.birthtimeMs === seen.birthtimeMs
}

/** What `isNewest` compares with. */
export function statNamespace(folder: string, number: number): Stats | undefined {
  return statSync(join(folder, String(number)), { throwIfNoEntry: false })
}
