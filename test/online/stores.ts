import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import type { OnlineLocation, ServerLocation } from '../../src/contract/index.ts'
import { hasPostgres, startPostgres } from '../servers/postgres.ts'
import { hasRedis, startRedis } from '../servers/redis.ts'

/** One kind of online store, with what it needs. */
export interface StoreUnderTest {
  /** A place of its own for each test. */
  place(): OnlineLocation
  /** Makes the state of `aircraft` v1 unreadable. */
  damage(location: OnlineLocation): Promise<void>
  stop(): Promise<void>
}

/** Those that this machine can start. */
export const stores: {
  readonly name: string
  readonly isServer: boolean
  readonly start: () => Promise<StoreUnderTest>
}[] = [
  { name: 'LMDB', isServer: false, start: embedded },
  ...(hasRedis ? [{ name: 'Redis', isServer: true, start: redis }] : []),
  ...(hasPostgres ? [{ name: 'PostgreSQL', isServer: true, start: postgres }] : []),
]

async function embedded(): Promise<StoreUnderTest> {
  const directory = mkdtempSync(join(tmpdir(), 'fti-online-'))
  let places = 0
  return {
    place: () => ({ kind: 'lmdb', path: join(directory, String(places++)) }),
    damage: async (location) => {
      if (location.kind === 'lmdb') writeFileSync(join(location.path, 'aircraft/v1/1/state.json'), '{')
    },
    stop: async () => rmSync(directory, { recursive: true, force: true }),
  }
}

async function redis(): Promise<StoreUnderTest> {
  const server = await startRedis()
  const client = createClient({ url: server.url })
  await client.connect()
  let places = 0
  return {
    place: () => serverLocation('redis', server.url, `fti_${places++}`),
    damage: async (location) => {
      if (location.kind === 'redis') await client.hSet(`${location.prefix}:online:aircraft:v1`, 'state', '{')
    },
    stop: async () => {
      client.destroy()
      await server.stop()
    },
  }
}

async function postgres(): Promise<StoreUnderTest> {
  const server = await startPostgres()
  let places = 0
  return {
    place: () => serverLocation('postgres', server.url, `fti_${places++}`),
    damage: async (location) => {
      if (location.kind === 'postgres') await server.execute(`UPDATE ${location.prefix}.online_syncs SET state = '{'`)
    },
    stop: () => server.remove(),
  }
}

export function serverLocation(kind: ServerLocation['kind'], url: string, prefix = 'fti_test'): ServerLocation {
  return { kind, url, prefix, budgetMs: 50 }
}
