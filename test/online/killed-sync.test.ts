import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { OnlineLocation, ServerLocation } from '../../src/contract/index.ts'
import { OpenStore, row, seen } from './open-store.ts'
import { type StoreUnderTest, stores } from './stores.ts'

/** Syncs 2,000 keys in a process of its own, which is killed after the first thousand. */
async function killedSync(location: OnlineLocation): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fti-killed-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const file = join(directory, 'killed.mjs')
  const room = join(import.meta.dirname, '../../src/online/index.ts')
  writeFileSync(
    file,
    `import { createJiti } from ${JSON.stringify(import.meta.resolve('jiti'))}
    const { syncOnline } = await createJiti(import.meta.url).import(${JSON.stringify(room)})
    const batch = (from) => Array.from({ length: 1000 }, (_, i) => (
      { key: ['N' + (from + i)], values: [-1, 'x'], eventTimeMs: null, availableAtMs: 0 }))
    async function* rows() {
      yield batch(0)
      await new Promise((resolve) => setTimeout(resolve, 50))
      process.kill(process.pid, 'SIGKILL')
    }
    await syncOnline(${JSON.stringify(location)}, { group: 'aircraft', contractVersion: 1, keys: ['tailnum'],
      features: ['seats', 'model'], snapshot: 9, asOf: null, now: new Date(), rows: rows() })`,
  )
  await expect(promisify(execFile)(process.execPath, [file])).rejects.toMatchObject({ signal: 'SIGKILL' })
}

/** What the server keeps for ever beside the values that readers see: nothing, but what expires. */
async function leftInRedis({ url, prefix }: ServerLocation): Promise<string[]> {
  const client = createClient({ url })
  await client.connect()
  const names = (await client.keys(`${prefix}:*`)).filter((name) => name !== `${prefix}:online`)
  const lasting = await Promise.all(names.map(async (name) => ((await client.ttl(name)) < 0 ? [name] : [])))
  client.destroy()
  return lasting.flat()
}

async function namespacesInPostgres({ url, prefix }: ServerLocation): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(`SELECT count(DISTINCT namespace)::int AS n FROM ${prefix}.online_values`)
  await client.end()
  return rows[0].n
}

async function expectNothingLeft(location: OnlineLocation): Promise<void> {
  if (location.kind === 'redis') expect(await leftInRedis(location)).toEqual([`${location.prefix}:online:aircraft:v1`])
  if (location.kind === 'postgres') expect(await namespacesInPostgres(location)).toBe(1)
}

let store: StoreUnderTest

describe.each(stores)('a sync to $name that is killed', ({ start }) => {
  beforeAll(async () => {
    store = await start()
  }, 60_000)
  afterAll(() => store.stop())

  test('is never seen, leaves nothing for ever, and the next one works', async () => {
    const opened = await OpenStore.open(store)
    onTestFinished(() => opened.reader.close())
    await opened.sync([row(['N1'], 1), row(['other'], 2)])
    await killedSync(opened.location)
    await seen()
    expect([await opened.seats('N1'), await opened.seats('other'), await opened.seats('N2')]).toEqual([1, 2, undefined])
    await expectNothingLeft(opened.location)
    await opened.sync([row(['N1'], 3)])
    await seen()
    expect([await opened.seats('N1'), await opened.seats('other')]).toEqual([3, undefined])
    await expectNothingLeft(opened.location)
  })
})
