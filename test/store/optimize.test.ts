import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Engine } from '../../src/engine/index.ts'
import {
  openGroup,
  optimizeStore,
  publishContract,
  readHistory,
  readSnapshot,
  tablePath,
} from '../../src/store/index.ts'
import { optimizeTable } from '../../src/store/maintenance/optimize-table.ts'
import { delayRows, delays, published, TemporaryStore } from './temporary-store.ts'

const v1 = published(delays)
const now = new Date('2013-02-01T00:00:00Z')

/** A published group of three commits: a value, a late one, and a restatement of the first. */
async function threeCommits(): Promise<{ store: TemporaryStore; engine: Engine; table: string }> {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await publishContract(store.root, delays, { version: 1, changes: [], class: 'first', by: 'test', now })
  await store.commit(
    engine,
    v1,
    delayRows(['JFK', '2013-01-02 00:00', 1], ['EWR', '2013-01-03 00:00', null]),
    '2013-01-04T00:00:00Z',
  )
  await store.commit(engine, v1, delayRows(['LGA', '2013-01-01 00:00', 'nan']), '2013-01-05T00:00:00Z')
  await store.commit(engine, v1, delayRows(['JFK', '2013-01-02 00:00', 4]), '2013-01-06T00:00:00Z')
  return { store, engine, table: tablePath(store.root, 'delays', 1) }
}

test('the rows, their order and their system columns are the same in one file', async () => {
  const { store, engine, table } = await threeCommits()
  const before = await store.stored(engine, v1)
  const result = await optimizeTable(table, { engine, now })
  expect(result).toMatchObject({ version: 3, before: { files: 3 }, after: { files: 1 } })
  expect(await store.stored(engine, v1)).toEqual(before)
  const snapshot = await readSnapshot(table)
  expect(snapshot?.files).toHaveLength(1)
  expect(snapshot?.rows).toBe(4)
})

test('older snapshots are read as before, by number and by time', async () => {
  const { store, engine, table } = await threeCommits()
  const before = await Promise.all([0, 1, 2].map((version) => store.stored(engine, v1, version)))
  await optimizeTable(table, { engine, now })
  expect(await Promise.all([0, 1, 2].map((version) => store.stored(engine, v1, version)))).toEqual(before)
  expect((await readSnapshot(table, new Date('2013-01-05T12:00:00Z')))?.version).toBe(1)
  expect((await readSnapshot(table, now))?.version).toBe(3)
})

test('a commit after it goes on where the last one ended', async () => {
  const { store, engine, table } = await threeCommits()
  await optimizeTable(table, { engine, now })
  const rows = delayRows(['JFK', '2013-01-02 00:00', 4], ['EWR', '2013-01-03 00:00', 7], ['JFK', '2013-01-09 00:00', 9])
  expect(await store.commit(engine, v1, rows, '2013-02-02T00:00:00Z')).toMatchObject({
    ...{ snapshot: 4, appended: 2, restated: 1, late: 0, unchanged: 1 },
  })
  const snapshot = await readSnapshot(table)
  expect(snapshot?.mark).toMatchObject({ lastSequence: 6, highWaterMark: '2013-01-09T00:00:00.000Z', restatedEver: 2 })
  expect(snapshot?.transactions.get('fti/delays')).toBe(3)
})

test('lineage names the same snapshot before and after, and reads it from the joined file', async () => {
  const { store, engine, table } = await threeCommits()
  const before = await openGroup(store.root, 'delays')
  await optimizeTable(table, { engine, now })
  const after = await openGroup(store.root, 'delays')
  expect(after.reference).toEqual(before.reference)
  expect(after.snapshot.rowsTimestamp).toBe(before.snapshot.rowsTimestamp)
  const pinned = await openGroup(store.root, 'delays', { at: before.reference.snapshot })
  expect(pinned.reference).toEqual(before.reference)
  expect(pinned.snapshot.files).toHaveLength(1)
  expect((await openGroup(store.root, 'delays', { at: 1 })).snapshot.files).toHaveLength(2)
})

test('the commit says that no row changed', async () => {
  const { engine, table } = await threeCommits()
  await optimizeTable(table, { engine, now })
  expect((await readHistory(table))[0]).toMatchObject({ version: 3, operation: 'OPTIMIZE', rowsAdded: 0 })
})

test('a table of one file is left alone', async () => {
  const { engine, table } = await threeCommits()
  await optimizeTable(table, { engine, now })
  expect(await optimizeTable(table, { engine, now })).toMatchObject({ version: null, after: { files: 1 } })
  expect(await readHistory(table)).toHaveLength(4)
})

test('a column that was added later is null for the rows before it', async () => {
  const { store, engine, table } = await threeCommits()
  const wider = { ...delays, features: [...delays.features, { name: 'wind', type: 'int32' as const, nullable: true }] }
  const rows = `SELECT *, 7::INTEGER AS wind FROM (${delayRows(['JFK', '2013-01-08 00:00', 8])})`
  await store.commit(engine, published(wider), rows, '2013-01-09T00:00:00Z')
  const before = await store.stored(engine, published(wider))
  await optimizeTable(table, { engine, now })
  expect(await store.stored(engine, published(wider))).toEqual(before)
  expect(before.map((row) => (row as { wind: number | null }).wind)).toEqual([null, null, null, null, 7])
})

test('appends that land meanwhile stay, and the joined file lands behind them', async () => {
  const { store, engine, table } = await threeCommits()
  const others = await Promise.all([store.engine(), store.engine()])
  const day = (index: number) => `2013-01-1${index}`
  const work = [
    ...others.map((other, index) =>
      store.commit(other, v1, delayRows([`A${index}`, `${day(index)} 00:00`, index]), `${day(index)}T12:00:00Z`),
    ),
    optimizeTable(table, { engine, now }),
  ]
  await Promise.all(work)
  const rows = (await store.stored(engine, v1)) as { _sequence: number }[]
  expect(rows.map((row) => row._sequence)).toEqual([1, 2, 3, 4, 5, 6])
  expect((await readHistory(table)).map(({ version }) => version)).toEqual([5, 4, 3, 2, 1, 0])
  const snapshot = await readSnapshot(table)
  for (const { path } of snapshot?.files ?? []) expect(existsSync(join(table, path))).toBe(true)
})

test('of two at once one joins, and the other finds nothing left', async () => {
  const { store, engine, table } = await threeCommits()
  const other = await store.engine()
  const results = await Promise.all([engine, other].map((each) => optimizeTable(table, { engine: each, now })))
  expect(results.map((result) => result?.version).sort()).toEqual([3, null])
  expect(await store.stored(engine, v1)).toHaveLength(4)
  // The three old files and the joined one: what the loser wrote is taken back.
  expect(readdirSync(table).filter((name) => name.endsWith('.parquet'))).toHaveLength(4)
})

test('all tables of a store are joined, or those of the named groups', async () => {
  const { store } = await threeCommits()
  const work = { root: store.root, tempDirectory: join(store.root, '../spill'), now }
  await expect(optimizeStore({ ...work, groups: ['delay'] })).rejects.toMatchObject({
    ...{ code: 'FTI_GROUP_NEVER_RUN', remedy: expect.stringContaining('delays') },
  })
  expect(await optimizeStore({ ...work, groups: [] })).toMatchObject([{ group: 'delays', name: 'v1', version: 3 }])
})
