import { safeName } from '../../base/index.ts'
import type { ServerLocation } from '../../contract/index.ts'
import type { FetchedGroup, WantedKeys } from '../fetched-values.ts'
import type { OnlineStore } from '../online-store.ts'
import { unreachable } from '../server-error.ts'
import { openServerReader } from '../server-reader.ts'
import { readRecord } from '../server-sync.ts'
import type { SyncedGroup } from '../sync-state.ts'
import { connectPostgres, type PostgresConnection } from './connect-postgres.ts'
import { isAbsent, tablesIn } from './postgres-tables.ts'
import { syncPostgres } from './sync-postgres.ts'

/** PostgreSQL 12 or newer: for hosts that have one and need no other server; a lookup is one statement. */
export function postgresStore(location: ServerLocation): OnlineStore {
  return {
    openReader: (options) =>
      openServerReader(location, { connect: () => connectReader(location), fetchGroups: fetchFrom(location) }, options),
    sync: (request) => syncPostgres(location, request),
    // A sync is one transaction: nothing of a killed one is left.
    removeDeadSyncs: async () => {},
    listSyncStates: () => listPostgres(location),
    remove: (group, contractVersion) => removePostgres(location, group, contractVersion),
  }
}

/** Every lookup is by primary key; whatever the statistics say of a table that was just filled, no other plan is as good. */
const byKeyOnly = `SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off; SET enable_mergejoin = off;
  SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off`

async function connectReader(location: ServerLocation): Promise<PostgresConnection> {
  const connection = await connectPostgres(location)
  await connection.client.query(byKeyOnly)
  return connection
}

/** States, then values, in one statement: one statement sees one moment of the database, so one sync of each group. */
function fetchFrom(location: ServerLocation) {
  const { syncs, values } = tablesIn(location)
  const text = `WITH wanted AS (
      SELECT w.n, s.namespace, s.state FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS w(feature_group, contract_version, n)
      JOIN ${syncs} s USING (feature_group, contract_version))
    SELECT n::int, NULL AS k, state FROM wanted
    UNION ALL
    SELECT w.n::int, a.k::int, v.value FROM unnest($3::int[], $4::text[]) WITH ORDINALITY AS a(n, key, k)
    JOIN wanted w ON w.n = a.n JOIN ${values} v ON v.namespace = w.namespace AND v.key = a.key`
  return async ({ client }: PostgresConnection, wanted: readonly WantedKeys[]): Promise<FetchedGroup[]> => {
    const groups = wanted.map(({ group }) => safeName(group, 'feature group'))
    const versions = wanted.map(({ contractVersion }) => Math.trunc(contractVersion))
    const owners = wanted.flatMap(({ keys }, i) => keys.map(() => i + 1))
    const keys = wanted.flatMap((one) => one.keys)
    try {
      const query = { name: 'fti_online', text, values: [groups, versions, owners, keys], rowMode: 'array' }
      const { rows } = await client.query<[n: number, k: number | null, text: string]>(query)
      return sorted(wanted, rows)
    } catch (error) {
      if (isAbsent(error)) return wanted.map(() => ({ state: null, rows: [] }))
      throw error
    }
  }
}

function sorted(
  wanted: readonly WantedKeys[],
  found: readonly [n: number, k: number | null, text: string][],
): FetchedGroup[] {
  const groups = wanted.map(({ keys }) => ({ state: null as string | null, rows: new Array<string>(keys.length) }))
  const starts: number[] = []
  let next = 1
  for (const { keys } of wanted) {
    starts.push(next)
    next += keys.length
  }
  for (const [n, k, text] of found) {
    const group = groups[n - 1]
    if (group === undefined) continue
    if (k === null) group.state = text
    else group.rows[k - (starts[n - 1] ?? 1)] = text
  }
  return groups
}

/** In one statement: a reader sees state and values, or neither. */
async function removePostgres(location: ServerLocation, group: string, contractVersion: number): Promise<void> {
  const { client, destroy } = await connectPostgres(location)
  const { syncs, values } = tablesIn(location)
  try {
    await client.query(
      `WITH gone AS (DELETE FROM ${syncs} WHERE feature_group = $1 AND contract_version = $2 RETURNING namespace)
       DELETE FROM ${values} WHERE namespace IN (SELECT namespace FROM gone)`,
      [safeName(group, 'feature group'), Math.trunc(contractVersion)],
    )
  } catch (error) {
    if (!isAbsent(error)) throw unreachable(location, error)
  } finally {
    destroy()
  }
}

async function listPostgres(location: ServerLocation): Promise<SyncedGroup[]> {
  const { client, destroy } = await connectPostgres(location)
  try {
    const { rows } = await client.query<{ feature_group: string; contract_version: number; state: string }>(
      `SELECT feature_group, contract_version, state FROM ${tablesIn(location).syncs} ORDER BY 1, 2`,
    )
    return rows.flatMap(({ feature_group: group, contract_version: contractVersion, state }) => {
      const record = readRecord(state)
      return record ? [{ group, contractVersion, state: record.state }] : []
    })
  } catch (error) {
    if (isAbsent(error)) return []
    throw unreachable(location, error)
  } finally {
    destroy()
  }
}
