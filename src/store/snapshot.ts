import { FtiError } from '../base/index.ts'
import type { AddFile, CommitInfo, CommitMark, DeltaField, Metadata, Protocol } from './delta-action.ts'
import { storeErrors } from './errors.ts'
import { type LogEntry, readLog } from './log.ts'
import { dataPath, refuseUnreadable, unsupported } from './protocol.ts'

/** A Parquet file of a snapshot. */
export interface DataFile {
  /** Relative to the table. */
  readonly path: string
  readonly bytes: number
  readonly rows: number
  /** Names of the columns in the schema of its commit; a later schema may have more. */
  readonly columns: readonly string[]
  /** The path as the log spells it. */
  readonly logged: string
}

/** One immutable state of a table. */
export interface Snapshot {
  readonly table: string
  readonly version: number
  /** When it was committed, milliseconds since 1970; never before an older snapshot. */
  readonly timestamp: number
  readonly files: readonly DataFile[]
  readonly schema: readonly DeltaField[]
  readonly metadata: Metadata
  readonly protocol: Protocol
  readonly rows: number
  readonly info: CommitInfo
  /** Of the newest commit that fti made. */
  readonly mark?: CommitMark | undefined
  readonly transactions: ReadonlyMap<string, number>
}

/**
 * The state of a table now, at a version, or at a moment: the last one committed by then.
 * `undefined` when there is no table; an error when there is no such version or the moment lies before the first.
 */
export async function readSnapshot(table: string, at?: number | Date): Promise<Snapshot | undefined> {
  const log = await readLog(table, typeof at === 'number' ? at : undefined)
  const last = at instanceof Date ? lastBefore(log, at) : log.at(-1)
  if (last === undefined && log.length === 0 && (await readLog(table, 0)).length === 0) return undefined
  if (last === undefined || (typeof at === 'number' && last.version !== at)) throw unknownSnapshot(table, at, log)
  return replay(
    table,
    log.filter((entry) => entry.version <= last.version),
  )
}

/** Commit time of each entry, made monotone: a clock that was set back must not reorder the versions. */
export function commitTimes(log: readonly LogEntry[]): number[] {
  let latest = 0
  return log.map((entry) => {
    latest = Math.max(latest, infoOf(entry).timestamp)
    return latest
  })
}

export function infoOf(entry: LogEntry): CommitInfo {
  return entry.actions.find((action) => action.commitInfo)?.commitInfo ?? { timestamp: 0, operation: 'UNKNOWN' }
}

function lastBefore(log: readonly LogEntry[], at: Date): LogEntry | undefined {
  const times = commitTimes(log)
  return log.findLast((_, index) => (times[index] ?? 0) <= at.getTime())
}

function replay(table: string, log: readonly LogEntry[]): Snapshot {
  let protocol: Protocol | undefined
  let metadata: Metadata | undefined
  let mark: CommitMark | undefined
  let schema: readonly DeltaField[] = []
  let columns: readonly string[] = []
  const files = new Map<string, { add: AddFile; columns: readonly string[] }>()
  const transactions = new Map<string, number>()
  for (const entry of log) {
    // A commit is a set: its metadata holds for its own files, wherever it stands in the file.
    const changed = entry.actions.find((action) => action.metaData)?.metaData
    if (changed) {
      metadata = changed
      schema = fieldsOf(table, changed)
      columns = schema.map((field) => field.name)
    }
    protocol = entry.actions.find((action) => action.protocol)?.protocol ?? protocol
    for (const { add, remove, txn, commitInfo } of entry.actions) {
      if (remove) files.delete(remove.path)
      if (add) files.set(add.path, { add, columns })
      if (txn) transactions.set(txn.appId, txn.version)
      if (commitInfo?.fti) mark = commitInfo.fti
    }
  }
  const newest = log.at(-1)
  if (!protocol || !metadata || !newest) throw headless(table)
  refuseUnreadable(table, protocol, metadata)
  const dataFiles = [...files.values()].map(({ add, columns }) => dataFile(table, add, columns))
  return {
    table,
    version: newest.version,
    timestamp: commitTimes(log).at(-1) ?? 0,
    files: dataFiles,
    schema,
    metadata,
    protocol,
    rows: dataFiles.reduce((sum, file) => sum + file.rows, 0),
    info: infoOf(newest),
    mark,
    transactions,
  }
}

function dataFile(table: string, add: AddFile, columns: readonly string[]): DataFile {
  const rows = rowsIn(table, add.stats)
  if (rows === undefined) throw unsupported(table, `files without a row count (${add.path})`)
  return { path: dataPath(table, add), bytes: add.size, rows, columns, logged: add.path }
}

/** Number of rows that a file's statistics say; undefined where they do not. */
export function rowsIn(table: string, stats: string | undefined): number | undefined {
  return stats === undefined ? undefined : parse<{ numRecords?: number }>(table, stats, 'statistics').numRecords
}

function fieldsOf(table: string, metadata: Metadata): DeltaField[] {
  const { fields } = parse<{ fields?: DeltaField[] }>(table, metadata.schemaString, 'a schema')
  if (!Array.isArray(fields)) throw unreadable(table, 'a schema')
  const nested = fields.find((field) => typeof field.type !== 'string')
  if (nested) throw unsupported(table, `a nested column (${nested.name})`)
  return fields
}

/** The log holds JSON as text inside its JSON. */
function parse<T extends object>(table: string, text: string, what: string): T {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as T
  } catch (error) {
    throw unreadable(table, what, error)
  }
  throw unreadable(table, what)
}

function unreadable(table: string, what: string, cause?: unknown): FtiError {
  return new FtiError(storeErrors.FTI_TABLE_CORRUPT, {
    message: `the log holds ${what} that cannot be read`,
    place: table,
    remedy: 'restore the files of the log from a backup; nothing can stand in for them',
    cause,
  })
}

function headless(table: string): FtiError {
  return new FtiError(storeErrors.FTI_TABLE_CORRUPT, {
    message: 'the log begins without a protocol or a schema',
    place: table,
    remedy: 'restore the first file of the log from a backup',
  })
}

function unknownSnapshot(table: string, at: number | Date | undefined, log: readonly LogEntry[]): FtiError {
  const asked = at instanceof Date ? `at ${at.toISOString()}` : `numbered ${at}`
  const first = new Date(commitTimes(log)[0] ?? 0).toISOString()
  const known = at instanceof Date ? `the first one is of ${first}` : `the newest one is ${log.at(-1)?.version}`
  return new FtiError(storeErrors.FTI_SNAPSHOT_UNKNOWN, {
    message: `there is no snapshot ${asked}; ${known}`,
    place: table,
    remedy: 'name one that exists: `fti feature history GROUP` lists them',
  })
}
