import { FtiError } from '../../base/index.ts'
import type { DeltaAction } from './delta-action.ts'
import { type CheckpointFiles, hasEntries, type LogListing, readEntries, readEntry } from './log.ts'
import { readCheckpoint } from './read-checkpoint.ts'
import { applyEntry, changesRows, emptyState, infoOf, isErasure, markAfter, type TableState } from './table-state.ts'

/** Reading a checkpoint costs about as much as so many entries. */
const checkpointPays = 150

/**
 * What the log says of a table at a version: from the newest checkpoint that can be read and the entries behind it, or from
 * the entries alone where that is cheaper or no checkpoint is sound. Errors: FTI_TABLE_CORRUPT when neither way is whole.
 */
export async function loadState(table: string, listing: LogListing, version: number): Promise<TableState> {
  const checkpoints = listing.checkpoints.filter((each) => each.version <= version)
  const isWhole = hasEntries(listing, 0, version)
  const fromStart = (checkpoints[0]?.version ?? 0) < checkpointPays && isWhole
  let failure: unknown
  for (const start of fromStart ? [undefined, ...checkpoints] : [...checkpoints, undefined]) {
    try {
      return await loadFrom(start, table, listing, version)
    } catch (error) {
      if (!(error instanceof FtiError) || error.code !== 'FTI_TABLE_CORRUPT') throw error
      failure = isWhole && start === undefined ? error : (failure ?? error)
    }
  }
  throw failure
}

async function loadFrom(
  checkpoint: CheckpointFiles | undefined,
  table: string,
  listing: LogListing,
  version: number,
): Promise<TableState> {
  if (checkpoint === undefined) {
    const state = emptyState()
    for (const entry of await readEntries(table, listing, 0, version)) applyEntry(state, entry)
    return state
  }
  const entries = await readEntries(table, listing, checkpoint.version + 1, version)
  const state = await readCheckpoint(table, checkpoint)
  await recallCommit(state, table, listing)
  for (const entry of entries) applyEntry(state, entry)
  return state
}

/**
 * A checkpoint holds no `commitInfo`: when it was committed, which commit changed rows last, and what fti did last, stand in
 * the entries up to it.
 */
async function recallCommit(state: TableState, table: string, { entries }: LogListing): Promise<void> {
  const isOurs = state.metadata?.configuration['fti.contractVersion'] !== undefined
  const present = new Set(entries)
  const passed: DeltaAction[][] = []
  for (let version = state.version; present.has(version); version--) {
    const { actions } = await readEntry(table, version)
    const info = infoOf(actions)
    passed.unshift([...actions])
    if (version === state.version) state.info = info
    state.timestamp = Math.max(state.timestamp, info.timestamp)
    if (state.rowsVersion < 0 && changesRows(actions)) {
      state.rowsVersion = version
      state.rowsTimestamp = info.timestamp
    }
    if (state.newRowsTimestamp === undefined && changesRows(actions) && !isErasure(info))
      state.newRowsTimestamp = info.timestamp
    if (state.newRowsTimestamp !== undefined && (!isOurs || info.fti?.inputDigest !== undefined)) break
  }
  if (state.rowsVersion < 0) {
    state.rowsVersion = state.version
    state.rowsTimestamp = state.timestamp
  }
  for (const actions of passed) state.mark = markAfter(state.mark, actions)
}
