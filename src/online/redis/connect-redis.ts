import type { RedisClientType } from 'redis'
import type { ServerLocation } from '../../contract/index.ts'
import { loadClient, unreachable } from '../server-error.ts'
import type { ServerConnection } from '../server-link.ts'

export interface RedisConnection extends ServerConnection {
  readonly client: RedisClientType
}

/** How long a server may take to accept a connection and the login. */
const connectMs = 2000

/** Connects once. Trying again is not left to the client: it queues commands meanwhile, for as long as it takes. */
export async function connectRedis(location: ServerLocation): Promise<RedisConnection> {
  const { createClient } = await loadClient(location, 'redis', () => import('redis'))
  const client = createClient({
    url: location.url,
    name: 'fti',
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    socket: { connectTimeout: connectMs, reconnectStrategy: false },
  }) as RedisClientType
  let tellLost: ((error: unknown) => void) | undefined
  // Without a listener the client ends the process.
  client.on('error', (error) => tellLost?.(error))
  const destroy = () => {
    if (client.isOpen) client.destroy()
  }
  const ping = () => client.hmGet(`${location.prefix}:ping`, 'state')
  const handshake = setTimeout(destroy, connectMs)
  try {
    await client.connect()
    // Also what a user without rights, or a server that still loads its data, is asked.
    await ping()
  } catch (error) {
    destroy()
    throw unreachable(location, error)
  } finally {
    clearTimeout(handshake)
  }
  return {
    client,
    ping,
    destroy,
    onLost: (listener) => {
      tellLost = listener
      if (!client.isReady) listener(new Error('the connection broke'))
    },
  }
}
