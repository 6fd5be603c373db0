import type { Client } from 'pg'
import type { ServerLocation } from '../../contract/index.ts'

/** Tables of an online store in PostgreSQL, all in one schema. */
export interface PostgresTables {
  /** One row for each group and contract version: which namespace readers read, and the state of the sync that wrote it. */
  readonly syncs: string
  /** One row for each namespace and entity key. */
  readonly values: string
  readonly namespaces: string
}

export function tablesIn({ prefix }: Pick<ServerLocation, 'prefix'>): PostgresTables {
  const schema = quoted(prefix)
  return {
    syncs: `${schema}.online_syncs`,
    values: `${schema}.online_values`,
    namespaces: `${schema}.online_namespaces`,
  }
}

/** Makes what is absent. Two syncs at a time make it once; a user who may not make it needs it to be there. */
export async function createTables(client: Client, { prefix }: ServerLocation): Promise<void> {
  const { syncs, values, namespaces } = tablesIn({ prefix })
  const { rows } = await client.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [values])
  if (rows[0]?.found) return
  await client.query(`
    BEGIN;
    SELECT pg_advisory_xact_lock(hashtextextended('fti online ${prefix}', 0));
    CREATE SCHEMA IF NOT EXISTS ${quoted(prefix)};
    CREATE SEQUENCE IF NOT EXISTS ${namespaces};
    CREATE TABLE IF NOT EXISTS ${syncs} (
      feature_group text NOT NULL, contract_version int NOT NULL, namespace bigint NOT NULL, state text NOT NULL,
      PRIMARY KEY (feature_group, contract_version));
    CREATE TABLE IF NOT EXISTS ${values} (
      namespace bigint NOT NULL, key text COLLATE "C" NOT NULL, value text NOT NULL, PRIMARY KEY (namespace, key));
    COMMIT`)
}

/** Before the first sync there is no schema or table: to a reader that is a store without values. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '3F000' || error.code === '42P01')
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
