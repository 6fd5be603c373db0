import { FtiError } from '../../base/index.ts'
import { storeErrors } from '../errors.ts'
import { countRows } from './count-rows.ts'
import type { AddFile, CommitInfo, CommitMark, DeltaField, Metadata, Protocol } from './delta-action.ts'
import { loadState } from './load-state.ts'
import { type LogEntry, type LogListing, listLog, readEntry, readLog } from './log.ts'
import { dataPath, refuseUnreadable } from './protocol.ts'
import { changesRows, infoOf, type TableState } from './table-state.ts'

/** A Parquet file of a snapshot. */
export interface DataFile {
  /** Relative to the table. */
  readonly path: string
  readonly bytes: number
  readonly rows: number
  /** As the log has it. */
  readonly add: AddFile
}

/** One immutable state of a table. */
export interface Snapshot {
  readonly table: string
  readonly version: number
  /** The newest version up to this one that changed rows or columns: what lineage and datasets name. */
  readonly rowsVersion: number
  /** When that was committed, milliseconds since 1970. */
  readonly rowsTimestamp: number
  /** When rows last came in, milliseconds since 1970: an erasure changes rows, and brings none. */
  readonly newRowsTimestamp: number
  /** When it was committed, milliseconds since 1970; never before an older snapshot. */
  readonly timestamp: number
  readonly files: readonly DataFile[]
  readonly schema: readonly DeltaField[]
  readonly metadata: Metadata
  readonly protocol: Protocol
  readonly rows: number
  readonly info: CommitInfo
  /** Of the newest commit that fti made; without its counts when somebody else has changed rows since. */
  readonly mark?: CommitMark | undefined
  readonly transactions: ReadonlyMap<string, number>
  /** Version of the newest checkpoint that is not newer than this. */
  readonly checkpoint: number | undefined
  readonly state: TableState
}

/**
 * The state of a table now, at a version, or at a moment: the last one committed by then.
 * `undefined` when there is no table; an error when there is no such version or the moment lies before the first.
 */
export async function readSnapshot(table: string, at?: number | Date): Promise<Snapshot | undefined> {
  const listing = await listLog(table)
  if (listing.newest === undefined) return undefined
  const version = at instanceof Date ? await versionAt(table, listing, at) : (at ?? listing.newest)
  if (version < 0 || version > listing.newest)
    throw unknownSnapshot(table, `numbered ${at}`, `the newest one is ${listing.newest}`)
  const state = await loadState(table, listing, version)
  return snapshotOf(table, state, listing)
}

/**
 * The same rows, from the files of the newest version that has them: a compaction leaves the rows of a snapshot in fewer
 * files, and vacuum keeps those.
 */
export async function readRows(table: string, at?: number | Date): Promise<Snapshot | undefined> {
  const snapshot = await readSnapshot(table, at)
  if (snapshot === undefined || at === undefined) return snapshot
  const listing = await listLog(table)
  const last = await lastWithSameRows(table, listing, snapshot.version)
  return last === snapshot.version ? snapshot : snapshotOf(table, await loadState(table, listing, last), listing)
}

async function lastWithSameRows(table: string, { entries }: LogListing, version: number): Promise<number> {
  const present = new Set(entries)
  let last = version
  while (present.has(last + 1) && (await keepsRows(table, last + 1))) last++
  return last
}

async function keepsRows(table: string, version: number): Promise<boolean> {
  try {
    return !changesRows((await readEntry(table, version)).actions)
  } catch (error) {
    // A damaged entry is of no concern to who reads what was before it.
    if (error instanceof FtiError) return false
    throw error
  }
}

/** Commit time of each entry, made monotone: a clock that was set back must not reorder the versions. */
export function commitTimes(log: readonly LogEntry[]): number[] {
  let latest = 0
  return log.map((entry) => {
    latest = Math.max(latest, infoOf(entry.actions).timestamp)
    return latest
  })
}

/** File times do not survive a copy, so every entry is asked. */
async function versionAt(table: string, listing: LogListing, at: Date): Promise<number> {
  const log = await readLog(table, listing)
  const times = commitTimes(log)
  const last = log.findLast((_, index) => (times[index] ?? 0) <= at.getTime())
  if (last !== undefined) return last.version
  const first = new Date(times[0] ?? 0).toISOString()
  throw unknownSnapshot(table, `at ${at.toISOString()}`, `the first one is of ${first}`)
}

async function snapshotOf(table: string, state: TableState, { checkpoints }: LogListing): Promise<Snapshot> {
  const { protocol, metadata, version } = state
  if (!protocol || !metadata) throw headless(table)
  refuseUnreadable(table, protocol, metadata)
  const schema = fieldsOf(table, metadata)
  const files = await dataFiles(table, [...state.files.values()])
  const checkpoint = checkpoints.find((each) => each.version <= version)?.version
  return {
    table,
    version,
    rowsVersion: state.rowsVersion,
    rowsTimestamp: state.rowsTimestamp,
    newRowsTimestamp: state.newRowsTimestamp ?? state.rowsTimestamp,
    timestamp: state.timestamp,
    files,
    schema,
    metadata,
    protocol,
    rows: files.reduce((sum, file) => sum + file.rows, 0),
    info: state.info,
    mark: state.mark,
    transactions: new Map([...state.transactions].map(([appId, txn]) => [appId, txn.version])),
    checkpoint,
    state,
  }
}

async function dataFiles(table: string, adds: readonly AddFile[]): Promise<DataFile[]> {
  const files = adds.map((add) => ({
    path: dataPath(table, add),
    bytes: add.size,
    rows: rowsIn(table, add.stats),
    add,
  }))
  // Statistics are optional; a file itself knows how many rows it has.
  const silent = files.filter(({ rows }) => rows === undefined).map(({ path }) => path)
  const counted = silent.length === 0 ? new Map<string, number>() : await countRows(table, silent)
  return files.map((file) => ({ ...file, rows: file.rows ?? counted.get(file.path) ?? 0 }))
}

/** Number of rows that a file's statistics say; undefined where they do not. */
export function rowsIn(table: string, stats: string | undefined): number | undefined {
  return stats === undefined ? undefined : parse<{ numRecords?: number }>(table, stats, 'statistics').numRecords
}

function fieldsOf(table: string, metadata: Metadata): DeltaField[] {
  const { fields } = parse<{ fields?: DeltaField[] }>(table, metadata.schemaString, 'a schema')
  if (!Array.isArray(fields)) throw unreadable(table, 'a schema')
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

function unknownSnapshot(table: string, asked: string, known: string): FtiError {
  return new FtiError(storeErrors.FTI_SNAPSHOT_UNKNOWN, {
    message: `there is no snapshot ${asked}; ${known}`,
    place: table,
    remedy: 'name one that exists: `fti feature history GROUP` lists them',
  })
}
