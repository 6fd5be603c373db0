import type { OnlineReader, ReaderOptions } from './reader.ts'
import type { SyncRequest } from './sync-request.ts'
import type { SyncedGroup, SyncState } from './sync-state.ts'

/** What each kind of store does in its own way; one conformance suite holds all of them to it. */
export interface OnlineStore {
  openReader(options: ReaderOptions): Promise<OnlineReader>
  sync(request: SyncRequest): Promise<SyncState>
  removeDeadSyncs(group: string, contractVersion: number): Promise<void>
  listSyncStates(): Promise<SyncedGroup[]>
  remove(group: string, contractVersion: number): Promise<void>
  /** What in its settings endangers the values; undefined when nothing does, or when it may not be asked. */
  danger?(): Promise<string | undefined>
}
