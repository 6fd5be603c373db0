import type { OnlineLocation } from '../contract/index.ts'
import type { OnlineStore } from './online-store.ts'
import type { OnlineReader, ReaderOptions } from './reader.ts'
import type { SyncRequest } from './sync-request.ts'
import type { SyncedGroup, SyncState } from './sync-state.ts'

/**
 * Opens a reader, even where nothing was synced yet; it finds the store once there is one, and a replaced one too.
 * A server that does not answer is no error here: the first fetch says so. Errors: FTI_ONLINE_CLIENT_MISSING.
 */
export async function openOnlineReader(location: OnlineLocation, options: ReaderOptions = {}): Promise<OnlineReader> {
  return (await storeAt(location)).openReader(options)
}

/**
 * Writes the newest values of a group where no reader looks, or only what differs from those that readers see; then they
 * take their place whole, in one step. A failed or cancelled sync leaves the old values; a sync that began before the one
 * that readers see now has lost to it and changes nothing. Returns the state that readers see.
 */
export async function syncOnline(location: OnlineLocation, request: SyncRequest): Promise<SyncState> {
  return (await storeAt(location)).sync(request)
}

/** Removes what syncs that died have left, for a run that finds nothing to sync. */
export async function removeDeadSyncs(location: OnlineLocation, group: string, contractVersion: number): Promise<void> {
  return (await storeAt(location)).removeDeadSyncs(group, contractVersion)
}

/**
 * What every group's last sync left, in order of name; empty where nothing was ever synced. One whose record is damaged
 * is left out, as if it had never been synced: so the next run makes it anew.
 */
export async function listSyncStates(location: OnlineLocation): Promise<SyncedGroup[]> {
  return (await storeAt(location)).listSyncStates()
}

/** Removes all values of a contract version, in one step for readers; nothing happens where there are none. */
export async function removeOnline(location: OnlineLocation, group: string, contractVersion: number): Promise<void> {
  return (await storeAt(location)).remove(group, contractVersion)
}

/** What in the settings of the store endangers its values, in one sentence, for `fti doctor`; undefined when nothing is known of that kind. */
export async function onlineDanger(location: OnlineLocation): Promise<string | undefined> {
  return (await storeAt(location)).danger?.()
}

async function storeAt(location: OnlineLocation): Promise<OnlineStore> {
  if (location.kind === 'lmdb') return (await import('./lmdb/lmdb-store.ts')).lmdbStore(location)
  if (location.kind === 'redis') return (await import('./redis/redis-store.ts')).redisStore(location)
  return (await import('./postgres/postgres-store.ts')).postgresStore(location)
}
