import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FtiError, isSystemError } from '../base/index.ts'
import type { DeltaAction } from './delta-action.ts'
import { storeErrors } from './errors.ts'

/** One entry of a table's log. */
export interface LogEntry {
  readonly version: number
  readonly actions: readonly DeltaAction[]
}

/** File of a version in the log, such as `_delta_log/00000000000000000017.json`. */
export function logFile(table: string, version: number): string {
  return join(table, '_delta_log', `${String(version).padStart(20, '0')}.json`)
}

/**
 * Every entry up to and including `last`, oldest first; empty when there is no table.
 * Order comes from the numbers alone, never from clocks.
 */
export async function readLog(table: string, last = Number.POSITIVE_INFINITY): Promise<LogEntry[]> {
  const versions = await listVersions(table)
  const wanted = versions.filter((version) => version <= last)
  const entries: LogEntry[] = []
  // In portions, for a long log would need more open files than a process may have.
  for (let begin = 0; begin < wanted.length; begin += 64) {
    entries.push(...(await Promise.all(wanted.slice(begin, begin + 64).map((version) => readEntry(table, version)))))
  }
  return entries
}

/** Version numbers in the log, ascending and without a hole. */
async function listVersions(table: string): Promise<number[]> {
  const names = await readdir(join(table, '_delta_log')).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  })
  const versions = names.filter((name) => /^\d{20}\.json$/.test(name)).map((name) => Number.parseInt(name, 10))
  versions.sort((a, b) => a - b)
  const hole = versions.findIndex((version, index) => version !== index)
  if (hole >= 0) throw incomplete(table, hole, names)
  return versions
}

function incomplete(table: string, missing: number, names: readonly string[]): FtiError {
  if (missing === 0 && names.some((name) => name.includes('.checkpoint'))) {
    return new FtiError(storeErrors.FTI_TABLE_UNSUPPORTED, {
      message: 'the beginning of this log was replaced by a checkpoint, which fti does not read',
      place: table,
      remedy: 'keep the JSON log of tables that fti reads: do not clean it up with other tools',
    })
  }
  return new FtiError(storeErrors.FTI_TABLE_CORRUPT, {
    message: `version ${missing} is missing from the log`,
    place: logFile(table, missing),
    remedy: 'restore that file from a backup; nothing can stand in for it',
  })
}

async function readEntry(table: string, version: number): Promise<LogEntry> {
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
