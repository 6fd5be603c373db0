// The servers of our tests, on loopback and with a folder of their own.
import { createJiti } from 'jiti'

/** `{ url, port, stop }`. Redis without its log unless told: mostly it is run as a cache. */
export async function startServer(kind, options = ['--appendonly', 'no']) {
  const start = createJiti(import.meta.url)
  if (kind === 'redis') {
    const { startRedis } = await start.import('../../test/servers/redis.ts')
    return startRedis(options)
  }
  const { startPostgres } = await start.import('../../test/servers/postgres.ts')
  const { url, port, remove } = await startPostgres()
  return { url, port, stop: remove }
}
