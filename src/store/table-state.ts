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
  /** Commit time, made monotone: a clock that was set back must not reorder the versions. */
  timestamp: number
  info: CommitInfo
  protocol?: Protocol
  metadata?: Metadata
  /** Of the newest commit that fti made; without its counts when somebody else has changed rows since. */
  mark?: CommitMark
  readonly files: Map<string, AddFile>
  /** Files that were removed, and that readers of older versions may still need. */
  readonly removed: Map<string, RemoveFile>
  readonly transactions: Map<string, Transaction>
}

export function emptyState(): TableState {
  return {
    version: -1,
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
  const { fti } = state.info
  if (fti) state.mark = fti
  else if (state.mark && changesRows(actions)) state.mark = withoutCounts(state.mark)
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

export function changesRows(actions: readonly DeltaAction[]): boolean {
  return actions.some(({ add, remove }) => add?.dataChange || remove?.dataChange)
}

/** What fti counted holds no longer once another writer has changed rows: then the table itself is asked. */
export function withoutCounts(mark: CommitMark): CommitMark {
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
