import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { predictFile, type RunningServer } from '../../src/inference/index.ts'
import { type StoreUnderTest, stores } from '../online/stores.ts'
import { noon, syncFeatures } from '../scoring/registered-version.ts'
import { instance, openSite, post, type Site, until } from './serving.ts'

let store: StoreUnderTest
let site: Site
let server: RunningServer

const of = async (change: object) =>
  (await post(server, { instances: [{ ...instance, ...change }] })).body.predictions[0]
const codes = (prediction: { warnings: { code: string; group: string }[] }) =>
  prediction.warnings.map(({ code, group }) => `${code} ${group}`)

function testServing(): void {
  beforeEach(async () => {
    const place = store.place()
    // Tests of other files may take the processor for longer than the default of 50 ms.
    site = await openSite(place.kind === 'lmdb' ? place : { ...place, budgetMs: 2000 })
    server = await site.start()
  })
  afterEach(() => site.close())

  test('a reply tells the age of each value', async () => {
    expect(await of({})).toMatchObject({ ages: { airport_departures: 600_000, aircraft: null }, warnings: [] })
  })

  test('values older than maxAge, ahead of the clock, or of nobody are imputed, and the reply says which', async () => {
    expect(codes(await of({ origin: 'JFK' }))).toEqual(['FTI_FEATURES_STALE airport_departures'])
    expect(codes(await of({ origin: 'LGA' }))).toEqual(['FTI_FEATURES_AHEAD airport_departures'])
    expect(codes(await of({ tailnum: 'N404' }))).toEqual(['FTI_ENTITY_UNKNOWN aircraft'])
    expect(codes(await of({ tailnum: null }))).toEqual(['FTI_ENTITY_UNKNOWN aircraft'])
  })

  test('a clock that stands before the moment of the store is refused', async () => {
    const early = site.start({ now: new Date(noon - 3_600_000) })
    await expect(early).rejects.toMatchObject({ code: 'FTI_REPLAY_TOO_EARLY' })
  })

  test('a sync is seen by a running server', async () => {
    expect((await of({})).ages.airport_departures).toBe(600_000)
    await syncFeatures(site.online, new Date(noon), 5)
    await until(async () => (await of({})).ages.airport_departures === 300_000)
  })

  test('a file is predicted as requests are', async () => {
    const [input, output] = ['in.ndjson', 'out.ndjson'].map((name) => join(site.directory, name)) as [string, string]
    const instances = [instance, { ...instance, origin: 'JFK' }, { ...instance, tailnum: 'N404' }]
    writeFileSync(input, instances.map((one) => `${JSON.stringify(one)}\n`).join(''))
    const { registry, online, directory } = site
    const task = { update: () => {} }
    const settings = { onUnknownEntity: 'impute', tempDirectory: join(directory, 'tmp'), task } as const
    const model = { model: 'late_departure', version: 1, now: new Date(noon) }
    await predictFile({ registry, online, input, output, ...model, ...settings })
    const rows = (await readFile(output, 'utf8')).trim().split('\n')
    const { body } = await post(server, { instances })
    expect(rows.map((row) => JSON.parse(row).probability)).toEqual(
      body.predictions.map(({ probability }: { probability: number }) => probability),
    )
  })
}

describe.each(stores)('over $name', ({ start }) => {
  beforeAll(async () => {
    store = await start()
  }, 60_000)
  afterAll(() => store.stop())
  describe('what is served', testServing)
})
