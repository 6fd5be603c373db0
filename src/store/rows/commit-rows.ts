import { throwIfCancelled, withCleanUp } from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { PublishedContract } from '../contracts.ts'
import { commitTable, createTable, type TableChange } from '../delta/commit.ts'
import { whileReading } from '../delta/damaged-file.ts'
import { checkDataFiles } from '../delta/data-files.ts'
import type { DataWriter } from '../delta/data-writer.ts'
import type { DeltaField, SourceColumns } from '../delta/delta-action.ts'
import type { IntervalLedger } from '../delta/interval-ledger.ts'
import { readSnapshot, type Snapshot } from '../delta/snapshot.ts'
import { declaredColumns, deltaField, systemStored } from '../delta/stored-column.ts'
import { checkpointWhenDue } from '../delta/write-checkpoint.ts'
import { tablePath } from '../table-path.ts'
import { type Candidate, holdCandidate } from './candidate.ts'
import { type ChangedRows, changedRows } from './changed-rows.ts'
import { attemptCommits } from './commit-attempts.ts'
import { beginTable } from './inherit-rows.ts'
import { type EventSpan, inheritedAvailability } from './inherited-availability.ts'

export interface RowsToCommit {
  readonly engine: Engine
  /** Folder of the store; one of the engine's allowed folders. */
  readonly root: string
  readonly contract: PublishedContract
  /** SELECT, or a relation in brackets, or a quoted name: the declared columns and `_declared_available_at`. */
  readonly candidate: string
  /** Column of `candidate` with the row number in a table that nobody changes meanwhile; without it the rows are copied into one. */
  readonly rowid?: string | undefined
  /** Digest of everything that the rows were made from. */
  readonly inputDigest: string
  readonly runId: string
  /** Read once for each attempt: after a lost race nobody could have known the rows when the race began. */
  readonly clock: () => Date
  readonly command?: string | undefined
  readonly sourceColumns?: SourceColumns | undefined
  /**
   * What has been computed once these rows are in, from what had been before. Another answer than that is committed even where
   * there is no row to store; the same object is no other answer.
   */
  readonly ledger?: ((before: IntervalLedger | undefined) => IntervalLedger | undefined) | undefined
  readonly signal?: AbortSignal | undefined
  /** How often to begin again when other processes commit first. */
  readonly maxRetries?: number | undefined
}

/** Counts are rows. */
export interface CommitResult {
  /** The version that holds the rows: the new one, or the one that held them all before. */
  readonly snapshot: number
  /** False when every row was stored already; then there is no new version. */
  readonly committed: boolean
  /** New rows; `restated` and `late` ones are among them. */
  readonly appended: number
  readonly unchanged: number
  readonly restated: number
  readonly late: number
}

/**
 * The one way by which rows enter a feature table: what is stored already is left out, availability is settled, and the rest
 * lands as one version, once, however many processes do the same. Losing a race means to compare again with what won.
 */
export async function commitRows(request: RowsToCommit): Promise<CommitResult> {
  const { engine, contract: published, signal } = request
  const table = tablePath(request.root, published.contract.group, published.version)
  const candidate = await holdCandidate(engine, published.contract, request, signal)
  const commitCandidate = async () => {
    await beginTable(request)
    return attemptCommits(table, request, (writer) => attemptCommit(request, table, candidate, writer))
  }
  return withCleanUp(commitCandidate, () => candidate.drop())
}

async function attemptCommit(
  request: RowsToCommit,
  table: string,
  candidate: Candidate,
  writer: DataWriter,
): Promise<CommitResult> {
  const { engine, contract: published, clock, signal } = request
  const snapshot = await readSnapshot(table)
  if (snapshot !== undefined) await checkDataFiles(snapshot)
  const { contract } = published
  const inherited = (span?: EventSpan) => inheritedAvailability(request.root, published, span)
  const against = { contract, snapshot, inherited, clock, signal }
  const rows = await whileReading([snapshot], () => changedRows(engine, candidate, against))
  const commitChanged = async () => {
    const schema = neededSchema(published, snapshot)
    const { appended, restated, late } = rows
    const counts = { appended, restated, late, unchanged: candidate.rows - appended }
    const ledger = ledgerAfter(request, snapshot)
    const isSeen = ledger === snapshot?.mark?.ledger
    if (snapshot !== undefined && appended === 0 && schema === undefined && isSeen)
      return { snapshot: snapshot.rowsVersion, committed: false, ...counts }
    const add = appended === 0 ? [] : [await writer.write(engine, rows.select, signal)]
    const change = { ...describeChange(request, snapshot, rows, { unchanged: counts.unchanged, ledger }), add }
    if (snapshot !== undefined) await checkpointWhenDue(engine, snapshot)
    throwIfCancelled(signal)
    const version = await commit(table, published, snapshot, { ...change, schema })
    // A commit that only says what has been computed leaves the rows those of the snapshot before.
    if (snapshot !== undefined && appended === 0 && schema === undefined)
      return { snapshot: snapshot.rowsVersion, committed: false, ...counts }
    return { snapshot: version, committed: true, ...counts }
  }
  return withCleanUp(commitChanged, () => rows.drop())
}

async function commit(
  table: string,
  published: PublishedContract,
  snapshot: Snapshot | undefined,
  change: TableChange,
): Promise<number> {
  if (snapshot !== undefined) return commitTable(snapshot, change)
  const { group, description } = published.contract
  const configuration = { 'fti.contractVersion': String(published.version) }
  return createTable(table, { name: group, description, configuration }, { ...change, schema: change.schema ?? [] })
}

function describeChange(
  request: RowsToCommit,
  snapshot: Snapshot | undefined,
  rows: ChangedRows,
  { unchanged, ledger }: { readonly unchanged: number; readonly ledger: IntervalLedger | undefined },
): TableChange {
  const { contract: published, runId, inputDigest, command, sourceColumns } = request
  const appId = `fti/${published.contract.group}`
  const { appended, restated, late, lastSequence, highWaterMark } = rows
  return {
    operation: snapshot === undefined ? 'CREATE TABLE AS SELECT' : 'WRITE',
    now: rows.committedAt,
    transaction: { appId, version: (snapshot?.transactions.get(appId) ?? -1) + 1 },
    mark: {
      ...(command === undefined ? {} : { command }),
      runId,
      inputDigest,
      ...(sourceColumns === undefined ? {} : { sourceColumns }),
      contractVersion: published.version,
      lastSequence,
      highWaterMark,
      appended,
      unchanged,
      restated,
      late,
      ...restatedEver(snapshot, restated),
      ...(ledger === undefined ? {} : { ledger }),
    },
  }
}

/** Rows that come by another way, such as those of a quarantine, leave what has been computed as it is. */
function ledgerAfter({ ledger }: RowsToCommit, snapshot: Snapshot | undefined): IntervalLedger | undefined {
  const before = snapshot?.mark?.ledger
  return ledger === undefined ? before : ledger(before)
}

/** Unknown for good once another writer has changed rows. */
function restatedEver(snapshot: Snapshot | undefined, restated: number): { restatedEver?: number } {
  if (snapshot === undefined) return { restatedEver: restated }
  const before = snapshot.mark?.restatedEver
  return before === undefined ? {} : { restatedEver: before + restated }
}

/** The schema to commit: all of it for a new table, the table's with the missing features behind it, or none when it has them. */
function neededSchema(published: PublishedContract, snapshot: Snapshot | undefined): DeltaField[] | undefined {
  const fields = [...declaredColumns(published.contract), ...systemStored].map(deltaField)
  if (snapshot === undefined) return fields
  const known = new Set(snapshot.schema.map((field) => field.name))
  const missing = fields.filter((field) => !known.has(field.name))
  return missing.length === 0 ? undefined : [...snapshot.schema, ...missing]
}
