import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from 'redis'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { describeGroup, getValues } from '../../../src/feature/index.ts'
import { listSyncStates } from '../../../src/online/index.ts'
import { type RedisServer, startRedis, testWithRedis as test } from '../../servers/redis.ts'
import { TemporaryProject } from '../temporary-project.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

/** A project of its own database on the server. */
function open(database: number): TemporaryProject {
  return new TemporaryProject({ online: `${redis.url}/${database}` })
}

async function online(project: TemporaryProject, origin: string) {
  const request = { group: 'delays', key: { origin }, at: new Date() }
  return (await getValues(await project.load(), request)).online?.values ?? null
}

/** How often the server was asked to do something. */
async function calls(command: string): Promise<number> {
  const client = createClient({ url: redis.url })
  await client.connect()
  onTestFinished(() => client.destroy())
  const stats = String(await client.sendCommand(['INFO', 'commandstats']))
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
}

test('a run fills the store that its project names, and the next one sends only what changed', async () => {
  const project = open(1)
  expect(await project.runDelays()).toMatchObject({ status: 'committed', syncedKeys: 2 })
  expect([await online(project, 'JFK'), await online(project, 'EWR')]).toEqual([{ delay: 10 }, { delay: -4 }])
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', syncedKeys: undefined })
  const switches = await calls('rename')
  expect(switches).toBeGreaterThan(0)
  const newer = 'JFK,2013-01-01T07:00:00Z,99\nLGA,2013-01-01T07:00:00Z,1\n'
  project.write('data/flights.csv', project.read('data/flights.csv') + newer)
  expect(await project.runDelays()).toMatchObject({ status: 'committed', syncedKeys: 3 })
  expect(await calls('rename')).toBe(switches)
  const keys = ['JFK', 'EWR', 'LGA', 'SFO']
  expect(await Promise.all(keys.map((key) => online(project, key)))).toEqual([
    { delay: 99 },
    { delay: -4 },
    { delay: 1 },
    null,
  ])
})

test('a store whose server has lost everything is filled by a run that has nothing else to do', async () => {
  const project = open(2)
  await project.run()
  const client = createClient({ url: `${redis.url}/2` })
  await client.connect()
  await client.flushDb()
  client.destroy()
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', syncedKeys: 2 })
  expect(await online(project, 'JFK')).toEqual({ delay: 10 })
})

test('a feature store that was lost and begun anew is sent whole', async () => {
  const project = open(4)
  await project.run()
  rmSync(join(project.folder, 'store'), { recursive: true })
  project.write('data/flights.csv', 'origin,at,delay\nJFK,2013-01-01T06:00:00Z,77\n')
  expect(await project.runDelays()).toMatchObject({ status: 'committed', syncedKeys: 1 })
  expect([await online(project, 'JFK'), await online(project, 'EWR')]).toEqual([{ delay: 77 }, null])
})

test('a run whose store is away commits, says so, and the next one syncs', async () => {
  const project = open(3)
  await redis.kill()
  const { status, error } = await project.runDelays()
  expect({ status, error }).toMatchObject({ status: 'failed', error: { code: 'FTI_ONLINE_UNREACHABLE', exit: 6 } })
  expect(await project.history()).toHaveLength(1)
  const shown = await describeGroup(await project.load(), 'delays')
  expect(shown).toMatchObject({
    rows: 3,
    online: null,
    onlineProblem: expect.stringMatching(/^FTI_ONLINE_UNREACHABLE /),
  })
  await redis.restart()
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', syncedKeys: 2 })
  expect(await listSyncStates((await project.load()).online)).toMatchObject([{ group: 'delays', state: { rows: 2 } }])
})
