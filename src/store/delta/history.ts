import type { CommitInfo } from './delta-action.ts'
import { readLog } from './log.ts'
import { commitTimes, rowsIn } from './snapshot.ts'
import { infoOf } from './table-state.ts'

/** One commit of a table, for people and for lineage. */
export interface TableCommit {
  readonly version: number
  /** ISO 8601. */
  readonly time: string
  readonly operation: string
  readonly rowsAdded: number
  readonly info: CommitInfo
}

/** Every commit, newest first; empty when there is no table. */
export async function readHistory(table: string): Promise<TableCommit[]> {
  const log = await readLog(table)
  const times = commitTimes(log)
  const commits = log.map((entry, index): TableCommit => {
    const info = infoOf(entry.actions)
    const rowsAdded = entry.actions.reduce(
      (sum, { add }) => sum + (add?.dataChange ? (rowsIn(table, add.stats) ?? 0) : 0),
      0,
    )
    return {
      version: entry.version,
      time: new Date(times[index] ?? 0).toISOString(),
      operation: info.operation,
      rowsAdded,
      info,
    }
  })
  return commits.reverse()
}

/** Snapshot in which the row with this sequence was committed; null when the log no longer tells. */
export function snapshotOfSequence(history: readonly TableCommit[], sequence: number): number | null {
  const commit = history.find(({ info: { fti } }) => {
    const last = fti?.lastSequence
    return last !== undefined && sequence <= last && sequence > last - (fti?.appended ?? 0)
  })
  return commit?.version ?? null
}
