import type { ServerLocation } from '../../contract/index.ts'
import type { FetchedGroup, WantedKeys } from '../fetched-values.ts'
import type { OnlineStore } from '../online-store.ts'
import { unreachable } from '../server-error.ts'
import { openServerReader } from '../server-reader.ts'
import { readRecord } from '../server-sync.ts'
import type { SyncedGroup } from '../sync-state.ts'
import { connectRedis, type RedisConnection } from './connect-redis.ts'
import { liveHash, liveHashes, stateField } from './redis-keys.ts'
import { syncRedis } from './sync-redis.ts'

/** Redis 6 or newer, also what speaks its protocol: several hosts share the values; a lookup is one round trip. */
export function redisStore(location: ServerLocation): OnlineStore {
  return {
    openReader: (options) =>
      openServerReader(location, { connect: () => connectRedis(location), fetchGroups: fetchFrom(location) }, options),
    sync: (request) => syncRedis(location, request),
    // What a killed sync leaves expires by itself.
    removeDeadSyncs: async () => {},
    listSyncStates: () => listRedis(location),
    remove: (group, contractVersion) => removeRedis(location, group, contractVersion),
    danger: () => evictionIn(location),
  }
}

/** A group is one hash: an evicted one is a group without values. */
async function evictionIn(location: ServerLocation): Promise<string | undefined> {
  const { client, destroy } = await connectRedis(location)
  try {
    const settings = await client.configGet(['maxmemory', 'maxmemory-policy'])
    const policy = settings['maxmemory-policy']
    if (settings['maxmemory'] === '0' || policy === undefined || policy === 'noeviction') return undefined
    return `with maxmemory-policy ${policy} a full Redis throws whole feature groups away`
  } catch {
    // Many a server lets nobody read its settings.
    return undefined
  } finally {
    destroy()
  }
}

async function removeRedis(location: ServerLocation, group: string, contractVersion: number): Promise<void> {
  const { client, destroy } = await connectRedis(location)
  try {
    const live = liveHash(location.prefix, group, contractVersion)
    await client.multi().unlink(live).sRem(liveHashes(location.prefix), live).exec()
  } catch (error) {
    throw unreachable(location, error)
  } finally {
    destroy()
  }
}

/** One HMGET for each group, sent together. State and values come from one command, so they are of one sync. */
function fetchFrom({ prefix }: ServerLocation) {
  return ({ client }: RedisConnection, wanted: readonly WantedKeys[]): Promise<FetchedGroup[]> =>
    Promise.all(
      wanted.map(async ({ group, contractVersion, keys }) => {
        const fields = [stateField, ...keys]
        const [state = null, ...rows] = await client.hmGet(liveHash(prefix, group, contractVersion), fields)
        return { state, rows }
      }),
    )
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
  } catch (error) {
    throw unreachable(location, error)
  } finally {
    destroy()
  }
}
