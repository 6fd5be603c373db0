import { safeName } from '../../base/index.ts'
import type { ServerLocation } from '../../contract/index.ts'
import type { OnlineStore } from '../online-store.ts'
import { unreachable } from '../server-error.ts'
import { readRecord } from '../server-sync.ts'
import type { SyncedGroup } from '../sync-state.ts'
import { connectPostgres } from './connect-postgres.ts'
import { openPostgresReader } from './postgres-reader.ts'
import { isAbsent, tablesIn } from './postgres-tables.ts'
import { syncPostgres } from './sync-postgres.ts'

/** PostgreSQL 12 or newer: for hosts that have one and need no other server; a lookup is one statement. */
export function postgresStore(location: ServerLocation): OnlineStore {
  return {
    openReader: (options) => openPostgresReader(location, options),
    sync: (request) => syncPostgres(location, request),
    // A sync is one transaction: nothing of a killed one is left.
    removeDeadSyncs: async () => {},
    listSyncStates: () => listPostgres(location),
    remove: (group, contractVersion) => removePostgres(location, group, contractVersion),
  }
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
