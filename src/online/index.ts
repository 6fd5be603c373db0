// The online store: the newest value of each feature per entity key, written by a sync, read within a budget by a server.
// LMDB in a local directory, Redis or PostgreSQL. A sync takes effect in one step: a reader sees the old values or the new, whole.
// It computes nothing, knows no ages or clocks (scoring does), and never reads the feature store.
export type { OnlineLocation } from '../contract/index.ts'
export { onlineErrors } from './errors.ts'
export { onlineRows, onlineSelect } from './online-rows.ts'
export type { OnlineReader, OnlineValues, OnlineWant } from './reader.ts'
export {
  listSyncStates,
  onlineDanger,
  openOnlineReader,
  removeDeadSyncs,
  removeOnline,
  syncOnline,
} from './store-at.ts'
export type { OnlineChange, OnlineRow, SyncRequest } from './sync-request.ts'
export type { SyncedGroup, SyncState } from './sync-state.ts'
export type { OnlineValue } from './value.ts'
