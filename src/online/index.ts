// The online store: the newest value of each feature per entity key, written by a sync, read in microseconds by a server.
// Each sync is a namespace of its own that appears by one rename, so a reader sees the old values or the new, whole.
// It computes nothing, knows no ages or clocks (scoring does), and never reads the feature store.
export type { OnlineLocation } from './environment.ts'
export { onlineErrors } from './errors.ts'
export { onlineRows, onlineSelect } from './online-rows.ts'
export { type OnlineReader, openOnlineReader, type ReaderOptions } from './reader.ts'
export { type OnlineRow, removeDeadSyncs, type SyncRequest, syncOnline } from './sync.ts'
export type { SyncState } from './sync-state.ts'
export { listSyncStates, type SyncedGroup } from './synced-groups.ts'
export type { OnlineValue } from './value.ts'
