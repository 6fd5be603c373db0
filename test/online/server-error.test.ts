import { expect, onTestFinished, test } from 'vitest'
import { openOnlineReader } from '../../src/online/index.ts'
import { connectRedis } from '../../src/online/redis/connect-redis.ts'
import { loadClient, slow, unreachable } from '../../src/online/server-error.ts'
import { ServerLink } from '../../src/online/server-link.ts'
import { endWhenSilent } from '../../src/online/silence.ts'
import { startRedis } from '../servers/redis.ts'
import { serverLocation } from './stores.ts'

const secret = serverLocation('postgres', 'postgres://me:hunter2@127.0.0.1:1/flights?password=hunter2')

test('a client that is not installed is an error with the command that installs it', async () => {
  const name = 'a-client-that-nobody-has'
  await expect(loadClient(secret, name, () => import(name))).rejects.toMatchObject({
    code: 'FTI_ONLINE_CLIENT_MISSING',
    exit: 2,
    place: 'postgres://127.0.0.1:1/flights',
    remedy: `run: npm install ${name}`,
  })
})

test('a link without its client is not opened: no waiting brings a package', async () => {
  const name = 'a-client-that-nobody-has'
  const told: unknown[] = []
  const opened = ServerLink.open({
    connect: () => loadClient(secret, name, () => import(name)),
    budgetMs: 50,
    unreachable: (error) => unreachable(secret, error),
    slow: (budgetMs) => slow(secret, budgetMs),
    onTrouble: (error) => told.push(error),
  })
  await expect(opened).rejects.toMatchObject({ code: 'FTI_ONLINE_CLIENT_MISSING' })
  expect(told).toEqual([])
})

test('an error of a client that is installed stays what it is', async () => {
  await expect(loadClient(secret, 'pg', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
})

test('a server that falls silent ends the connection of a sync, and one that lives does not', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const connection = await connectRedis(serverLocation('redis', redis.url))
  onTestFinished(endWhenSilent(connection, { everyMs: 20, silentMs: 100 }))
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(connection.client.isReady).toBe(true)
  redis.signal('SIGSTOP')
  const asked = connection.client.hGet('anything', 'at all')
  await expect(asked).rejects.toThrow()
  redis.signal('SIGCONT')
})

test.each([secret, serverLocation('redis', 'redis://me:hunter2@127.0.0.1:1')])(
  'a $kind that is away is unreachable to each fetch, and its password is not shown',
  async (location) => {
    const told: unknown[] = []
    const reader = await openOnlineReader(location, { onTrouble: (error) => told.push(error) })
    const failed = (async () => reader.fetch(() => []))()
    await expect(failed).rejects.toMatchObject({ code: 'FTI_ONLINE_UNREACHABLE', exit: 6 })
    const error = await failed.catch((caught: Error) => caught)
    expect(JSON.stringify([error, String(error), told, reader.trouble()])).not.toContain('hunter2')
    expect(told).toHaveLength(1)
    await reader.close()
  },
)
