import type { RemoveFile } from '../delta/delta-action.ts'
import { loadState } from '../delta/load-state.ts'
import { type LogListing, listLog, readEntries } from '../delta/log.ts'
import { commitTimes } from '../delta/snapshot.ts'
import { applyEntry, changesRows, decodedPath, emptyState } from '../delta/table-state.ts'

/** How long a file belonged to a table: from the version that added it to the last one before it was removed. */
interface Lifetime {
  readonly from: number
  to: number
}

/** Why a file may not go. */
export interface Reachability {
  /** Decoded paths of the files of the newest version, and of those that were the newest within the retention. */
  readonly recent: ReadonlySet<string>
  /** Of files that are needed for pinned versions alone. */
  readonly pinned: ReadonlySet<string>
  /** Every path that the log names, with the version that removed it; null while it is in the table. */
  readonly removedBy: ReadonlyMap<string, number | null>
}

/**
 * What readers can reach: the versions that were the newest at some time since `cutoff`, and the pinned ones, each with the
 * files of the newest version that has the same rows, for those are read (`readRows`).
 */
export async function reachableFiles(table: string, cutoff: Date, pins: readonly number[]): Promise<Reachability> {
  const listing = await listLog(table)
  const newest = listing.newest ?? -1
  const { lifetimes, begins, times, sameRowsAs } = await lifetimesOf(table, listing, newest)
  const firstRecent = times.findLast(({ time }) => time <= cutoff.getTime())?.version ?? -1
  const pinnedVersions = new Set(pins.map((version) => sameRowsAs(version)))
  const recent = new Set<string>()
  const pinned = new Set<string>()
  const removedBy = new Map<string, number | null>()
  // Where the log begins with a checkpoint, versions before it cannot be read; a reader may still be at work on one.
  for (const [path, { deletionTimestamp = 0 }] of begins.removed) {
    removedBy.set(path, begins.version)
    if (deletionTimestamp > cutoff.getTime()) recent.add(path)
  }
  for (const [path, spans] of lifetimes) {
    const last = spans.at(-1)?.to ?? newest
    removedBy.set(path, last === Number.POSITIVE_INFINITY ? null : last + 1)
    if (spans.some(({ to }) => to >= firstRecent)) recent.add(path)
    else if (spans.some(({ from, to }) => [...pinnedVersions].some((version) => version >= from && version <= to)))
      pinned.add(path)
  }
  return { recent, pinned, removedBy }
}

export interface Lifetimes {
  /** The version that the log begins with, and what was removed by then. */
  readonly begins: { readonly version: number; readonly removed: ReadonlyMap<string, RemoveFile> }
  readonly lifetimes: ReadonlyMap<string, Lifetime[]>
  readonly times: readonly { readonly version: number; readonly time: number }[]
  /** The newest version that has the rows of this one. */
  readonly sameRowsAs: (version: number) => number
}

export async function lifetimesOf(table: string, listing: LogListing, newest: number): Promise<Lifetimes> {
  const oldest = listing.entries[0] === 0 ? undefined : listing.checkpoints.at(-1)?.version
  const state = oldest === undefined ? emptyState() : await loadState(table, listing, oldest)
  const begins = { version: state.version, removed: new Map(state.removed) }
  const lifetimes = new Map<string, Lifetime[]>()
  const begin = (path: string, from: number) =>
    lifetimes.set(path, [...(lifetimes.get(path) ?? []), { from, to: Number.POSITIVE_INFINITY }])
  for (const path of state.files.keys()) begin(path, state.version)
  const log = await readEntries(table, listing, state.version + 1, newest)
  const sameAsBefore = new Set<number>()
  for (const entry of log) {
    applyEntry(state, entry)
    if (!changesRows(entry.actions)) sameAsBefore.add(entry.version)
    const added = new Set(entry.actions.flatMap(({ add }) => (add ? [decodedPath(add.path)] : [])))
    for (const { remove } of entry.actions) {
      const path = remove && decodedPath(remove.path)
      const span = path === undefined || added.has(path) ? undefined : lifetimes.get(path)?.at(-1)
      if (span?.to === Number.POSITIVE_INFINITY) span.to = entry.version - 1
    }
    for (const path of added)
      if (lifetimes.get(path)?.at(-1)?.to !== Number.POSITIVE_INFINITY) begin(path, entry.version)
  }
  const known = commitTimes(log)
  return {
    begins,
    lifetimes,
    times: log.map(({ version }, index) => ({ version, time: known[index] ?? 0 })),
    sameRowsAs: (version) => {
      let last = version
      while (sameAsBefore.has(last + 1)) last++
      return last
    },
  }
}
