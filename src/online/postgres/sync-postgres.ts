import type { Client } from 'pg'
import { safeName, throwIfCancelled } from '../../base/index.ts'
import type { ServerLocation } from '../../contract/index.ts'
import { beganLater, collectChanges, readRecord, type StateRecord, syncToServer } from '../server-sync.ts'
import { encodeRow, keyText } from '../stored-text.ts'
import { checkRow, type OnlineRow, type SyncRequest, stateAfter } from '../sync-request.ts'
import type { SyncState } from '../sync-state.ts'
import { connectPostgres } from './connect-postgres.ts'
import { createTables, type PostgresTables, tablesIn } from './postgres-tables.ts'

const rowsPerStatement = 5000

/** One transaction: what changed; or, where that cannot be told or is much, all values in a namespace of their own. */
export function syncPostgres(location: ServerLocation, request: SyncRequest): Promise<SyncState> {
  return syncToServer(location, request, async (guarded) => {
    const { client, destroy } = await connectPostgres(location)
    request.signal?.addEventListener('abort', destroy)
    try {
      await createTables(client, location)
      await client.query('BEGIN')
      const beganAt = await serverTime(client)
      const changed = await syncChanges(client, tablesIn(location), guarded, beganAt)
      const state = changed ?? (await syncWhole(client, tablesIn(location), guarded, beganAt))
      await client.query('COMMIT')
      return state
    } finally {
      request.signal?.removeEventListener('abort', destroy)
      // Without its commit the server rolls it back.
      destroy()
    }
  })
}

async function syncWhole(
  client: Client,
  tables: PostgresTables,
  request: SyncRequest,
  beganAt: string,
): Promise<SyncState> {
  const { rows: made } = await client.query<{ namespace: string }>(`SELECT nextval($1) AS namespace`, [
    tables.namespaces,
  ])
  const namespace = made[0]?.namespace ?? ''
  let rows = 0
  for await (const batch of request.rows) {
    for (let start = 0; start < batch.length; start += rowsPerStatement) {
      throwIfCancelled(request.signal)
      rows += await insert(client, tables, namespace, request, batch.slice(start, start + rowsPerStatement))
    }
  }
  throwIfCancelled(request.signal)
  const state = stateAfter(request, rows)
  return appear(client, tables, request, namespace, { format: 1, beganAt, state })
}

async function insert(
  client: Client,
  { values }: PostgresTables,
  namespace: string,
  request: SyncRequest,
  batch: readonly OnlineRow[],
): Promise<number> {
  const texts = new Map<string, string>()
  for (const row of batch) {
    const key = keyText(checkRow(request, row).key)
    if (key !== undefined) texts.set(key, encodeRow(row))
  }
  await client.query(
    `INSERT INTO ${values} SELECT $1, * FROM unnest($2::text[], $3::text[])
     ON CONFLICT (namespace, key) DO UPDATE SET value = EXCLUDED.value`,
    [namespace, [...texts.keys()], [...texts.values()]],
  )
  return texts.size
}

/** Points readers to the new values, unless another sync that began later is there first. */
async function appear(
  client: Client,
  tables: PostgresTables,
  request: SyncRequest,
  namespace: string,
  record: StateRecord,
): Promise<SyncState> {
  await lockSyncs(client, tables, request)
  const current = await currentSync(client, tables, request)
  const newest = current?.record
  if (newest && beganLater(newest, record, await serverTime(client))) {
    await client.query(`DELETE FROM ${tables.values} WHERE namespace = $1`, [namespace])
    return newest.state
  }
  await client.query(
    `INSERT INTO ${tables.syncs} VALUES ($1, $2, $3, $4)
     ON CONFLICT (feature_group, contract_version) DO UPDATE SET namespace = EXCLUDED.namespace, state = EXCLUDED.state`,
    [...nameOf(request), namespace, JSON.stringify(record)],
  )
  if (current) await client.query(`DELETE FROM ${tables.values} WHERE namespace = $1`, [current.namespace])
  return record.state
}

/** Applies what changed to the namespace that readers read; undefined when all values must be written. */
async function syncChanges(
  client: Client,
  tables: PostgresTables,
  request: SyncRequest,
  beganAt: string,
): Promise<SyncState | undefined> {
  const base = (await currentSync(client, tables, request))?.record
  const changes = base && (await collectChanges(request, base))
  if (base === undefined || changes === undefined) return undefined
  await lockSyncs(client, tables, request)
  const current = await currentSync(client, tables, request)
  if (current?.record?.state.syncId !== base.state.syncId) return undefined
  const kept = [...changes].filter(([, row]) => row !== null)
  const { rows: written } = await client.query<{ is_new: boolean }>(
    `INSERT INTO ${tables.values} AS v SELECT $1, * FROM unnest($2::text[], $3::text[])
     ON CONFLICT (namespace, key) DO UPDATE SET value = EXCLUDED.value WHERE v.value <> EXCLUDED.value
     RETURNING xmax = 0 AS is_new`,
    [current.namespace, kept.map(([key]) => key), kept.map(([, row]) => row)],
  )
  const { rowCount: gone } = await client.query(`DELETE FROM ${tables.values} WHERE namespace = $1 AND key = ANY($2)`, [
    current.namespace,
    [...changes].flatMap(([key, row]) => (row === null ? [key] : [])),
  ])
  const rows = base.state.rows + written.filter(({ is_new: isNew }) => isNew).length - (gone ?? 0)
  const record: StateRecord = { format: 1, beganAt, state: stateAfter(request, rows) }
  const text = JSON.stringify(record)
  const where = 'WHERE feature_group = $1 AND contract_version = $2'
  await client.query(`UPDATE ${tables.syncs} SET state = $3 ${where}`, [...nameOf(request), text])
  return record.state
}

function nameOf({ group, contractVersion }: SyncRequest): [group: string, contractVersion: number] {
  return [safeName(group, 'feature group'), Math.trunc(contractVersion)]
}

/** Held until the commit: whoever comes next sees what this one did. */
async function lockSyncs(client: Client, { syncs }: PostgresTables, request: SyncRequest): Promise<void> {
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`${syncs} ${nameOf(request).join(' ')}`])
}

async function currentSync(client: Client, { syncs }: PostgresTables, request: SyncRequest) {
  const { rows } = await client.query<{ namespace: string; state: string }>(
    `SELECT namespace, state FROM ${syncs} WHERE feature_group = $1 AND contract_version = $2`,
    nameOf(request),
  )
  return rows[0] && { namespace: rows[0].namespace, record: readRecord(rows[0].state) }
}

/** Microseconds: two syncs of one millisecond have an order too. */
async function serverTime(client: Client): Promise<string> {
  const { rows } = await client.query<{ now: string }>(
    `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`,
  )
  return rows[0]?.now ?? ''
}
