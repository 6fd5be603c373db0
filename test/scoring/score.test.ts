import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OnlineLocation, type OnlineReader, openOnlineReader, syncOnline } from '../../src/online/index.ts'
import { type FeatureLookup, type Instance, loadScorer, lookupMaker, type Scorer } from '../../src/scoring/index.ts'
import { noon, registerVersion, syncFeatures } from './registered-version.ts'

let directory: string
let online: OnlineLocation
let reader: OnlineReader
let lookup: FeatureLookup
let scorer: Scorer

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fti-score-'))
  online = { kind: 'lmdb', path: join(directory, 'online') }
  const registry = join(directory, 'registry')
  scorer = await loadScorer({ registry, model: 'late_departure', version: await registerVersion(registry) })
  await syncFeatures(online)
  reader = await openOnlineReader(online)
  lookup = lookupMaker()(await reader.fetch(() => []))
})
afterAll(async () => {
  await reader.close()
  rmSync(directory, { recursive: true, force: true })
})

const instance: Instance = {
  origin: 'EWR',
  tailnum: 'N1',
  carrier: 'UA',
  distance: 1400,
  stops: 0,
  scheduled_at: '2013-12-12T13:30:00Z',
}
const score = (change: Instance = {}, nowMs = noon) => {
  const [scored] = scorer.score([{ ...instance, ...change }], lookup, nowMs)
  if (!scored) throw new Error('no answer')
  return scored
}

describe('the vector', () => {
  test('has looked-up, sent and computed values in the order of the signature', () => {
    expect(score().values).toEqual([12.5, 20, 180, 'UA', 1400, 0, 13])
  })

  test('and its prediction are those of the values alone', () => {
    expect(score().output).toBe(scorer.predictValues([12.5, 20, 180, 'UA', 1400, 0, 13]))
    expect(score().output).toBeGreaterThan(0)
  })

  test('is what vectorize writes at its offset', () => {
    const out = new Float32Array(scorer.width + 3).fill(7)
    const info = scorer.vectorize(instance, lookup, noon, out, 2)
    expect(info.values).toEqual(score().values)
    expect([out[0], out[1], out[scorer.width + 2]]).toEqual([7, 7, 7])
    expect(out.slice(2, -1).every(Number.isFinite)).toBe(true)
  })
})

describe('a lookup', () => {
  test('tells the age of what it found; a static group has none', () => {
    expect(score()).toMatchObject({
      ages: { airport_departures: 600_000, aircraft: null },
      unknown: [],
      stale: [],
      ahead: [],
    })
  })

  test('of an entity that was never seen leaves its features to be imputed, and says so', () => {
    const scored = score({ tailnum: 'N404' })
    expect(scored.unknown).toEqual(['aircraft'])
    expect(scored.values[2]).toBeNull()
    expect(scored.output).toBeGreaterThan(0)
  })

  test('by a key that is null finds nothing', () => {
    expect(score({ tailnum: null }).unknown).toEqual(['aircraft'])
  })

  test('does not serve a value that is older than maxAge', () => {
    expect(score({ origin: 'JFK' })).toMatchObject({
      stale: ['airport_departures'],
      ages: { airport_departures: null },
    })
    expect(score({ origin: 'JFK' }).values.slice(0, 2)).toEqual([null, null])
  })

  test('serves a value of exactly maxAge, as the point-in-time join does', () => {
    const at = noon - 10 * 60_000 + 6 * 3_600_000
    expect(score({}, at).stale).toEqual([])
    expect(score({}, at + 1).stale).toEqual(['airport_departures'])
  })

  test('does not serve a value that lies ahead of the clock', () => {
    expect(score({ origin: 'LGA' })).toMatchObject({ ahead: ['airport_departures'], unknown: [] })
    expect(score({ origin: 'LGA' }).values[0]).toBeNull()
  })

  test('finds an int64 beyond 2^53 and a timestamp written in another way', async () => {
    const group = { group: 'logins', contractVersion: 1, keys: ['id', 'at'], features: ['n'], snapshot: 1, asOf: null }
    const key = ['9007199254740993', '2013-01-01T00:00:00.000Z']
    const rows = [[{ key, values: [7], eventTimeMs: null, availableAtMs: 0 }]]
    await syncOnline(online, { ...group, now: new Date(), rows })
    const registry = join(directory, 'registry')
    const version = await registerVersion(registry, {
      model: 'login',
      signature: loginSignature,
      tag: undefined,
    })
    const login = await loadScorer({ registry, model: 'login', version })
    const [found] = login.score([{ id: '9007199254740993', at: '2013-01-01T01:00:00+01:00' }], lookup, noon)
    expect(found).toMatchObject({ values: [7], unknown: [] })
  })
})

const loginSignature = {
  format: 1 as const,
  task: 'binary' as const,
  entityKeys: { id: 'int64' as const },
  request: [{ name: 'at', type: 'timestamp' as const }],
  groups: [
    {
      group: 'logins',
      contractVersion: 1,
      on: {},
      pick: ['n'],
      as: 'distance',
      key: { id: 'int64' as const, at: 'timestamp' as const },
      types: { n: 'float64' as const },
      isStatic: true,
    },
  ],
  columns: [{ name: 'distance_n', type: 'float64' as const }],
  output: { name: 'probability', type: 'float64' as const },
}
