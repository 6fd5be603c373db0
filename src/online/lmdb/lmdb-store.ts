import { removeDeadStaging } from '../../base/index.ts'
import type { EmbeddedLocation } from '../../contract/index.ts'
import type { OnlineStore } from '../online-store.ts'
import { finishedEnvironments } from './environment.ts'
import { listLmdb } from './list-lmdb.ts'
import { LmdbReader } from './lmdb-reader.ts'
import { namespacesPath } from './namespace.ts'
import { removeLmdb } from './remove-lmdb.ts'
import { syncLmdb } from './sync-lmdb.ts'

/** The embedded store: one host, a local disk, no server; a lookup takes microseconds. */
export function lmdbStore(location: EmbeddedLocation): OnlineStore {
  return {
    openReader: async ({ onTrouble }) => new LmdbReader(location, await finishedEnvironments(), onTrouble),
    sync: (request) => syncLmdb(location, request),
    removeDeadSyncs: async (group, contractVersion) => {
      await removeDeadStaging(namespacesPath(location, group, contractVersion))
    },
    listSyncStates: () => listLmdb(location),
    remove: (group, contractVersion) => removeLmdb(location, group, contractVersion),
  }
}
