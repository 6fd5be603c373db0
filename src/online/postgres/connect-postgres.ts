import type { Client } from 'pg'
import type { ServerLocation } from '../../contract/index.ts'
import { loadClient, unreachable } from '../server-error.ts'
import type { ServerConnection } from '../server-link.ts'

export interface PostgresConnection extends Omit<ServerConnection, 'ping'> {
  readonly client: Client
}

/** How long a server may take to accept a connection and the login. */
export const connectMs = 2000

/** Longer than any statement of ours takes; a server that has fallen silent is not waited for for ever. */
const statementMs = 600_000

/** Connects once. The caller ends it with `destroy`: a server that hangs would never confirm an end. */
export async function connectPostgres(location: ServerLocation): Promise<PostgresConnection> {
  const { default: pg } = await loadClient(location, 'pg', () => import('pg'))
  const client = new pg.Client({
    connectionString: location.url,
    application_name: 'fti',
    connectionTimeoutMillis: connectMs,
    query_timeout: statementMs,
    keepAlive: true,
  })
  let isLost = false
  let tellLost: ((error: unknown) => void) | undefined
  const lose = (error: unknown) => {
    isLost = true
    tellLost?.(error)
  }
  // Without a listener the client ends the process.
  client.on('error', lose)
  client.on('end', () => lose(new Error('the connection broke')))
  const destroy = () => {
    if (!isLost) void client.end().catch(() => {})
    client.connection.stream.destroy()
  }
  try {
    await client.connect()
  } catch (error) {
    destroy()
    throw unreachable(location, error)
  }
  return {
    client,
    destroy,
    onLost: (listener) => {
      tellLost = listener
      if (isLost) listener(new Error('the connection broke'))
    },
  }
}
