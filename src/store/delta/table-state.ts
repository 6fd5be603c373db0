import type {
  AddFile,
  CommitInfo,
  CommitMark,
  DeltaAction,
  Metadata,
  Protocol,
  RemoveFile,
  Transaction,
} from './delta-action.ts'
import type { LogEntry } from './log.ts'

/** What the log says of a table up to a version. Files go by their decoded path: writers spell the same path differently. */
export interface TableState {
  version: number
  /** The newest version that changed rows or columns: a compaction behind it holds the same. */
  rowsVersion: number
  /** When that was. */
  rowsTimestamp: number
  /** When rows last came in: an erasure changes rows, and brings none. Unknown before the first commit. */
  newRowsTimestamp?: number | undefined
  /** Commit time, made monotone: a clock that was set back must not reorder the versions. */
  timestamp: number
  info: CommitInfo
  protocol?: Protocol
  metadata?: Metadata
  /** Of the newest commit that fti made; without its counts when somebody else has changed rows since. */
  mark?: CommitMark | undefined
  readonly files: Map<string, AddFile>
  /** Files that were removed, and that readers of older versions may still need. */
  readonly removed: Map<string, RemoveFile>
  readonly transactions: Map<string, Transaction>
}

export function emptyState(): TableState {
  return {
    version: -1,
    rowsVersion: -1,
    rowsTimestamp: 0,
    timestamp: 0,
    info: { timestamp: 0, operation: 'UNKNOWN' },
    files: new Map(),
    removed: new Map(),
    transactions: new Map(),
  }
}

export function applyEntry(state: TableState, { version, actions }: LogEntry): void {
  applyActions(state, actions)
  state.version = version
  state.info = infoOf(actions)
  state.timestamp = Math.max(state.timestamp, state.info.timestamp)
  if (changesRows(actions)) {
    state.rowsVersion = version
    state.rowsTimestamp = state.timestamp
    if (!isErasure(state.info)) state.newRowsTimestamp = state.timestamp
  }
  state.mark = markAfter(state.mark, actions)
}

/** A commit that was made from no input, such as a compaction, says less than the one before it. */
export function markAfter(before: CommitMark | undefined, actions: readonly DeltaAction[]): CommitMark | undefined {
  const { fti } = infoOf(actions)
  if (fti?.inputDigest !== undefined) return fti
  if (fti) return { ...before, ...fti }
  return before && changesRows(actions) ? withoutCounts(before) : before
}

/** An entry is a set, whatever the order of its lines; so is a checkpoint. A file that it removes and adds is there. */
export function applyActions(state: TableState, actions: Iterable<DeltaAction>): void {
  const added: AddFile[] = []
  for (const { add, remove, txn, metaData, protocol } of actions) {
    // A checkpoint may leave out what is empty.
    if (metaData)
      state.metadata = {
        ...metaData,
        configuration: metaData.configuration ?? {},
        partitionColumns: metaData.partitionColumns ?? [],
      }
    if (protocol) state.protocol = protocol
    if (txn) state.transactions.set(txn.appId, txn)
    if (add) added.push(add)
    if (remove) {
      state.files.delete(decodedPath(remove.path))
      state.removed.set(decodedPath(remove.path), remove)
    }
  }
  for (const add of added) {
    const path = decodedPath(add.path)
    state.files.set(path, add)
    state.removed.delete(path)
  }
}

export function infoOf(actions: readonly DeltaAction[]): CommitInfo {
  return actions.find(({ commitInfo }) => commitInfo)?.commitInfo ?? { timestamp: 0, operation: 'UNKNOWN' }
}

/** False for a commit that leaves every row, and every column, as it was. */
export function changesRows(actions: readonly DeltaAction[]): boolean {
  return actions.some(({ add, remove, metaData }) => add?.dataChange || remove?.dataChange || metaData)
}

/** Whether a commit was made to forget an entity. */
export function isErasure({ operation, fti }: CommitInfo): boolean {
  return operation === 'DELETE' && fti?.command !== undefined
}

/** What fti counted holds no longer once another writer has changed rows: then the table itself is asked. */
function withoutCounts(mark: CommitMark): CommitMark {
  const { lastSequence: _, highWaterMark: __, restatedEver: ___, ...known } = mark
  return known
}

/** The path itself where it cannot be decoded; who opens the file gets the error. */
export function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
