import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Contract, classOf, compareContracts } from '../../src/contract/index.ts'
import {
  latestContract,
  type PublishedContract,
  publishContract,
  readSnapshot,
  tablePath,
} from '../../src/store/index.ts'
import { delayRows, delays, published, TemporaryStore } from './temporary-store.ts'

const day2 = '2013-01-02T00:00:00.000Z'
const day3 = '2013-01-03T00:00:00.000Z'
const day4 = '2013-01-04T00:00:00.000Z'

const aircraft: Contract = {
  group: 'aircraft',
  entity: { name: 'aircraft', key: { tailnum: 'string' } },
  isStatic: true,
  features: [{ name: 'seats', type: 'int32', nullable: true }],
  expectations: { rows: [], batch: [] },
}

const minutes = published({ ...delays, features: [{ ...delays.features[0], unit: 'min' }] as Contract['features'] }, 2)

/** Publishes contract versions as the store's files, so that a later one finds the table of the one before. */
async function publish(store: TemporaryStore, ...versions: PublishedContract[]): Promise<void> {
  for (const [index, { contract, version }] of versions.entries()) {
    const latest = await latestContract(store.root, contract.group)
    const changes = latest === undefined ? [] : compareContracts(latest.contract, contract)
    const publication = { version, changes, by: 'test', now: new Date(day2) }
    await publishContract(store.root, contract, { ...publication, class: index === 0 ? 'first' : classOf(changes) })
  }
}

test('a new contract version knows late and corrected values no earlier than the one before it', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const third = published({ ...minutes.contract, features: [] }, 3)
  await publish(store, published(delays), minutes, third)
  await store.commit(
    engine,
    published(delays),
    delayRows(['JFK', '2013-01-01 06:00', 1], ['EWR', '2013-01-01 06:00', 1]),
    day2,
  )
  const now = delayRows(['JFK', '2013-01-01 06:00', 5], ['EWR', '2013-01-01 06:00', 1], ['LGA', '2013-01-01 05:00', 2])
  await store.commit(engine, published(delays), now, day3)
  const more = delayRows(
    ['JFK', '2013-01-01 06:00', 300],
    ['EWR', '2013-01-01 06:00', 60],
    ['LGA', '2013-01-01 05:00', 120],
    ['SFO', '2013-01-01 04:00', 0],
  )
  for (const version of [minutes, third]) {
    await store.commit(engine, version, more, day4)
    expect(await store.stored(engine, version)).toMatchObject([
      { origin: 'SFO', _available_at: '2013-01-01T05:00:00.000Z', _sequence: 1 },
      { origin: 'LGA', _available_at: day3, _sequence: 2 },
      { origin: 'EWR', _available_at: '2013-01-01T07:00:00.000Z', _sequence: 3 },
      { origin: 'JFK', _available_at: day3, _committed_at: day4, _sequence: 4 },
    ])
  }
})

test('a new contract version that declares another availability keeps only what waited for its commit', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const sooner = published({ ...delays, availability: { kind: 'after', lagMs: 0 }, eventTime: 'moment' }, 2)
  await publish(store, published(delays), sooner)
  await store.commit(
    engine,
    published(delays),
    delayRows(['JFK', '2013-01-01 06:00', 1], ['EWR', '2013-01-01 06:00', 1]),
    day2,
  )
  await store.commit(engine, published(delays), delayRows(['JFK', '2013-01-01 06:00', 5]), day3)
  const now = delayRows(['JFK', '2013-01-01 06:00', 5], ['EWR', '2013-01-01 06:00', 1])
  const renamed = `SELECT origin, "at" AS moment, delay, "at" AS _declared_available_at FROM (${now})`
  await store.commit(engine, sooner, renamed, day4)
  expect(await store.stored(engine, sooner)).toMatchObject([
    { origin: 'EWR', _available_at: '2013-01-01T06:00:00.000Z' },
    { origin: 'JFK', _available_at: day3 },
  ])
})

test('a static value that was corrected is corrected from then on in a new contract version too', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const [first, second] = [published(aircraft), published({ ...aircraft, features: [] }, 2)]
  await publish(store, first, second)
  const load = (...rows: string[]) =>
    `SELECT tailnum, seats::INTEGER AS seats, NULL::TIMESTAMPTZ AS _declared_available_at FROM (VALUES ${rows.join()}) v(tailnum, seats)`
  await store.commit(engine, first, load(`('N1', 100)`, `('N2', 9)`), day2)
  await store.commit(engine, first, load(`('N1', 150)`), day3)
  await store.commit(engine, second, load(`('N1', 150)`, `('N2', 9)`), day4)
  expect(await store.stored(engine, second)).toMatchObject([
    { tailnum: 'N1', _available_at: day3 },
    { tailnum: 'N2', _available_at: '1900-01-01T00:00:00.000Z' },
  ])
})

test('a corrected value that a new contract version takes up after its first commit is known no earlier than before', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await publish(store, published(delays), minutes)
  const old = delayRows(['JFK', '2013-01-01 06:00', 1], ['EWR', '2013-01-01 05:00', 1], ['LGA', '2013-01-01 07:00', 1])
  await store.commit(engine, published(delays), old, day2)
  await store.commit(engine, published(delays), delayRows(['JFK', '2013-01-01 06:00', 5]), day3)
  await store.commit(engine, minutes, delayRows(['EWR', '2013-01-01 05:00', 60]), day4)
  const all = delayRows(
    ['EWR', '2013-01-01 05:00', 60],
    ['JFK', '2013-01-01 06:00', 300],
    ['LGA', '2013-01-01 07:00', 60],
    ['LGA', '2013-01-03 07:00', 120],
  )
  await store.commit(engine, minutes, all, day4)
  expect(await store.stored(engine, minutes)).toMatchObject([
    { origin: 'EWR', _available_at: '2013-01-01T06:00:00.000Z' },
    { origin: 'JFK', _available_at: day3 },
    { origin: 'LGA', _available_at: '2013-01-01T08:00:00.000Z' },
    { origin: 'LGA', _available_at: '2013-01-03T08:00:00.000Z' },
  ])
})

test('what a new contract version itself corrects, or has late, is known from that commit on', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await publish(store, published(delays), minutes)
  const old = delayRows(['JFK', '2013-01-01 06:00', 1], ['EWR', '2013-01-01 06:00', 1])
  await store.commit(engine, published(delays), old, day2)
  await store.commit(engine, minutes, delayRows(['JFK', '2013-01-01 06:00', 60]), day3)
  await store.commit(engine, minutes, delayRows(['JFK', '2013-01-01 06:00', 70], ['EWR', '2013-01-01 06:00', 60]), day4)
  expect(await store.stored(engine, minutes)).toMatchObject([
    { origin: 'JFK', delay: 60, _available_at: '2013-01-01T07:00:00.000Z' },
    { origin: 'EWR', delay: 60, _available_at: day4 },
    { origin: 'JFK', delay: 70, _available_at: day4 },
  ])
})

test('rows behind all of the contract version before need none of its files', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await publish(store, published(delays), minutes)
  await store.commit(engine, published(delays), delayRows(['JFK', '2013-01-01 06:00', 1]), day2)
  await store.commit(engine, minutes, delayRows(['JFK', '2013-01-01 06:00', 60]), day3)
  const former = await readSnapshot(tablePath(store.root, 'delays', 1))
  for (const { path } of former?.files ?? []) rmSync(join(former?.table ?? '', path))
  await store.commit(engine, minutes, delayRows(['JFK', '2013-01-02 06:00', 60]), day4)
  expect(await store.stored(engine, minutes)).toHaveLength(2)
  const needed = store.commit(engine, minutes, delayRows(['EWR', '2013-01-01 06:00', 60]), day4)
  await expect(needed).rejects.toMatchObject({ code: 'FTI_TABLE_CORRUPT' })
})
