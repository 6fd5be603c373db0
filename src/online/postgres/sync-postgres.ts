import type { Client } from 'pg'
import { safeName, throwIfCancelled } from '../../base/index.ts'
import type { ServerLocation } from '../../contract/index.ts'
import { beganLater, readRecord, type StateRecord, syncToServer } from '../server-sync.ts'
import { encodeRow, keyText } from '../stored-text.ts'
import { checkRow, type OnlineRow, type SyncRequest } from '../sync-request.ts'
import { type SyncState, stateAfter } from '../sync-state.ts'
import { connectPostgres } from './connect-postgres.ts'
import { createTables, type PostgresTables, tablesIn } from './postgres-tables.ts'

const rowsPerStatement = 5000

/** Writes all values into a namespace of their own and points readers to it, in one transaction. */
export function syncPostgres(location: ServerLocation, request: SyncRequest): Promise<SyncState> {
  return syncToServer(location, request, async (guarded) => {
    const { client, destroy } = await connectPostgres(location)
    request.signal?.addEventListener('abort', destroy)
    try {
      await createTables(client, location)
      await client.query('BEGIN')
      const state = await syncWhole(client, tablesIn(location), guarded)
      await client.query('COMMIT')
      return state
    } finally {
      request.signal?.removeEventListener('abort', destroy)
      // Without its commit the server rolls it back.
      destroy()
    }
  })
}

async function syncWhole(client: Client, tables: PostgresTables, request: SyncRequest): Promise<SyncState> {
  const beganAt = await serverTime(client)
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
  { syncs, values }: PostgresTables,
  { group, contractVersion }: SyncRequest,
  namespace: string,
  record: StateRecord,
): Promise<SyncState> {
  const name = [safeName(group, 'feature group'), Math.trunc(contractVersion)]
  // Held until the commit: whoever comes next sees what this one did.
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [`${syncs} ${name.join(' ')}`])
  const { rows } = await client.query<{ namespace: string; state: string }>(
    `SELECT namespace, state FROM ${syncs} WHERE feature_group = $1 AND contract_version = $2`,
    name,
  )
  const newest = readRecord(rows[0]?.state)
  if (newest && beganLater(newest, record, await serverTime(client))) {
    await client.query(`DELETE FROM ${values} WHERE namespace = $1`, [namespace])
    return newest.state
  }
  await client.query(
    `INSERT INTO ${syncs} VALUES ($1, $2, $3, $4)
     ON CONFLICT (feature_group, contract_version) DO UPDATE SET namespace = EXCLUDED.namespace, state = EXCLUDED.state`,
    [...name, namespace, JSON.stringify(record)],
  )
  if (rows[0]) await client.query(`DELETE FROM ${values} WHERE namespace = $1`, [rows[0].namespace])
  return record.state
}

/** Microseconds: two syncs of one millisecond have an order too. */
async function serverTime(client: Client): Promise<string> {
  const { rows } = await client.query<{ now: string }>(
    `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now`,
  )
  return rows[0]?.now ?? ''
}
