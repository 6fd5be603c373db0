import type { ServerLocation } from '../../contract/index.ts'
import type { OnlineStore } from '../online-store.ts'
import { readRecord } from '../server-sync.ts'
import type { SyncedGroup } from '../sync-state.ts'
import { connectRedis } from './connect-redis.ts'
import { liveHashes, stateField } from './redis-keys.ts'
import { RedisReader } from './redis-reader.ts'
import { syncRedis } from './sync-redis.ts'

/** Redis 6 or newer, also what speaks its protocol: several hosts share the values; a lookup is one round trip. */
export function redisStore(location: ServerLocation): OnlineStore {
  return {
    openReader: (options) => RedisReader.open(location, options),
    sync: (request) => syncRedis(location, request),
    // What a killed sync leaves expires by itself.
    removeDeadSyncs: async () => {},
    listSyncStates: () => listRedis(location),
  }
}

async function listRedis(location: ServerLocation): Promise<SyncedGroup[]> {
  const { client, destroy } = await connectRedis(location)
  try {
    const names = (await client.sMembers(liveHashes(location.prefix))).sort()
    const states = await Promise.all(names.map((name) => client.hGet(name, stateField)))
    return names.flatMap((name, i) => {
      const [, group, version] = /^.*:([^:]+):v(\d+)$/.exec(name) ?? []
      const record = readRecord(states[i] ?? null)
      return group && record ? [{ group, contractVersion: Number(version), state: record.state }] : []
    })
  } finally {
    destroy()
  }
}
