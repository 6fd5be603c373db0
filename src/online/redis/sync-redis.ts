import type { RedisClientType } from 'redis'
import { newId, throwIfCancelled } from '../../base/index.ts'
import type { ServerLocation } from '../../contract/index.ts'
import { incomplete } from '../server-error.ts'
import { beganLater, collectChanges, readRecord, type StateRecord, syncToServer } from '../server-sync.ts'
import { endWhenSilent } from '../silence.ts'
import { encodeRow, keyText } from '../stored-text.ts'
import { checkRow, type OnlineRow, type SyncRequest, stateAfter } from '../sync-request.ts'
import type { SyncState } from '../sync-state.ts'
import { connectRedis } from './connect-redis.ts'
import { liveHash, liveHashes, stateField } from './redis-keys.ts'

/** Long enough for a batch of rows to be computed, mostly; what a killed sync leaves expires after it. */
const stagingSeconds = 3600
/** A reader that has begun to read the old values is one command: it needs no more time than this. */
const oldSeconds = 60
const rowsPerCommand = 500

/** Writes what changed, in one transaction; or, where that cannot be told or is much, all values anew. */
export function syncRedis(location: ServerLocation, request: SyncRequest): Promise<SyncState> {
  return syncToServer(location, request, async (guarded) => {
    const live = liveHash(location.prefix, request.group, request.contractVersion)
    const connection = await connectRedis(location)
    const { client, destroy } = connection
    const endWatch = endWhenSilent(connection)
    request.signal?.addEventListener('abort', destroy)
    try {
      const beganAt = await serverTime(client)
      const changed = await syncChanges(client, live, guarded, beganAt)
      return changed ?? (await syncWhole(client, { live, location }, guarded, beganAt))
    } finally {
      endWatch()
      request.signal?.removeEventListener('abort', destroy)
      destroy()
    }
  })
}

/** Writes all values into a hash of their own, which then takes the name that readers read, in one transaction. */
async function syncWhole(
  client: RedisClientType,
  { live, location }: { readonly live: string; readonly location: ServerLocation },
  request: SyncRequest,
  beganAt: string,
): Promise<SyncState> {
  const staging = `${live}:staging:${newId()}`
  try {
    const rows = await writeRows(client, staging, request)
    const record: StateRecord = { format: 1, beganAt, state: stateAfter(request, rows) }
    const found = await finishStaging(client, staging, record)
    if (found !== rows) throw incomplete(location, { written: rows, found })
    return await appear(client, { live, staging, prefix: location.prefix }, record)
  } catch (error) {
    if (client.isReady) await client.unlink(staging).catch(() => {})
    throw error
  }
}

/** Adds the state, and time enough for the switch; returns the rows that are there: those of earlier batches may have expired. */
async function finishStaging(client: RedisClientType, staging: string, record: StateRecord): Promise<number> {
  // Sent together: where the hash has expired, the state alone would stay for ever.
  const [, , fields] = await Promise.all([
    client.hSet(staging, stateField, JSON.stringify(record)),
    client.expire(staging, stagingSeconds),
    client.hLen(staging),
  ])
  return fields - 1
}

/** Microseconds: two syncs of one millisecond have an order too. */
async function serverTime(client: RedisClientType): Promise<string> {
  const [seconds, microseconds] = (await client.sendCommand(['TIME'])) as [string, string]
  const milliseconds = new Date(Number(seconds) * 1000).toISOString()
  return `${milliseconds.slice(0, 19)}.${microseconds.padStart(6, '0')}Z`
}

async function writeRows(client: RedisClientType, staging: string, request: SyncRequest): Promise<number> {
  let rows = 0
  for await (const batch of request.rows) {
    throwIfCancelled(request.signal)
    const commands: Promise<number>[] = []
    const expiring: Promise<number>[] = []
    for (let start = 0; start < batch.length; start += rowsPerCommand) {
      const fields = fieldsOf(request, batch.slice(start, start + rowsPerCommand))
      if (fields.length > 0) commands.push(client.hSet(staging, fields))
      // Sent together: a sync that is killed between the two leaves nothing for ever.
      expiring.push(client.expire(staging, stagingSeconds))
    }
    // A key that comes twice has its last value, and counts once.
    for (const added of await Promise.all(commands)) rows += added
    await Promise.all(expiring)
  }
  throwIfCancelled(request.signal)
  return rows
}

function fieldsOf(request: SyncRequest, rows: readonly OnlineRow[]): [key: string, row: string][] {
  return rows.flatMap((row): [string, string][] => {
    const key = keyText(checkRow(request, row).key)
    return key === undefined ? [] : [[key, encodeRow(row)]]
  })
}

interface Names {
  readonly live: string
  readonly staging: string
  readonly prefix: string
}

/** Renames the new values over the old ones, unless another sync that began later is there first. */
async function appear(client: RedisClientType, names: Names, record: StateRecord): Promise<SyncState> {
  const { live, staging, prefix } = names
  const old = `${staging}:old`
  for (;;) {
    await client.watch(live)
    const newest = readRecord(await client.hGet(live, stateField))
    if (newest && beganLater(newest, record, await serverTime(client))) {
      await client.unwatch()
      await client.unlink(staging)
      return newest.state
    }
    const exists = await client.exists(live)
    const switching = client.multi()
    // Renamed before it is removed: to overwrite a large hash would stop the server for as long as it takes to free it.
    if (exists) switching.rename(live, old).expire(old, oldSeconds)
    switching.persist(staging).rename(staging, live).sAdd(liveHashes(prefix), live)
    if (await wasAlone(switching.exec())) {
      await client.unlink(old)
      return record.state
    }
  }
}

/** Applies what changed to the hash that readers read; undefined when all values must be written. */
async function syncChanges(
  client: RedisClientType,
  live: string,
  request: SyncRequest,
  beganAt: string,
): Promise<SyncState | undefined> {
  const base = readRecord(await client.hGet(live, stateField))
  const changes = base && (await collectChanges(request, base))
  if (base === undefined || changes === undefined) return undefined
  await client.watch(live)
  const isSame = readRecord(await client.hGet(live, stateField))?.state.syncId === base.state.syncId
  const keys = [...changes.keys()]
  const stored = isSame && keys.length > 0 ? await client.hmGet(live, keys) : []
  const isNew = (key: string, i: number) => changes.get(key) !== null && stored[i] === null
  const isGone = (key: string, i: number) => changes.get(key) === null && stored[i] !== null
  const rows = base.state.rows + keys.filter(isNew).length - keys.filter(isGone).length
  const record: StateRecord = { format: 1, beganAt, state: stateAfter(request, rows) }
  if (!isSame || beganLater(base, record, await serverTime(client))) {
    await client.unwatch()
    return undefined
  }
  const applying = client.multi().hSet(live, stateField, JSON.stringify(record))
  keys.forEach((key, i) => {
    const row = changes.get(key)
    if (typeof row === 'string' && row !== stored[i]) applying.hSet(live, key, row)
    if (isGone(key, i)) applying.hDel(live, key)
  })
  return (await wasAlone(applying.exec())) ? record.state : undefined
}

/** False when the watched hash was changed by another sync meanwhile, and so nothing was done. */
async function wasAlone(done: Promise<unknown>): Promise<boolean> {
  try {
    await done
    return true
  } catch (error) {
    if (error instanceof Error && error.constructor.name === 'WatchError') return false
    throw error
  }
}
