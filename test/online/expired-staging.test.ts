import { createClient } from 'redis'
import { expect, onTestFinished } from 'vitest'
import type { OnlineRow } from '../../src/online/index.ts'
import { startRedis, testWithRedis } from '../servers/redis.ts'
import { OpenStore, row } from './open-store.ts'
import { serverLocation } from './stores.ts'

testWithRedis(
  'a sync whose first rows expired before the last ones fails, and readers keep the old values',
  async () => {
    const server = await startRedis()
    onTestFinished(() => server.stop())
    const client = createClient({ url: server.url })
    await client.connect()
    onTestFinished(() => client.destroy())
    const place = () => serverLocation('redis', server.url)
    const opened = await OpenStore.open({ place, damage: async () => {}, stop: async () => {} })
    onTestFinished(() => opened.reader.close())
    const before = await opened.sync([row(['N1'], 1)])
    const stagings = () => client.keys('fti_test:*staging*')
    async function* rows(): AsyncGenerator<OnlineRow[]> {
      yield [row(['N1'], 2), row(['N2'], 2)]
      // What an hour without a batch does.
      for (const name of await stagings()) await client.expire(name, 0)
      yield [row(['N3'], 2)]
    }
    await expect(opened.sync([], { rows: rows() })).rejects.toMatchObject({
      code: 'FTI_ONLINE_INCOMPLETE',
      data: { written: 3, found: 1 },
    })
    expect([await opened.seats('N1'), await opened.seats('N3')]).toEqual([1, undefined])
    expect(await opened.stateOf()).toEqual(before)
    expect(await stagings()).toEqual([])
  },
)
