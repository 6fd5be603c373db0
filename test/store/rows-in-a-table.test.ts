import { expect, test } from 'vitest'
import { commitRows } from '../../src/store/index.ts'
import { delayRows, delays, published, TemporaryStore } from './temporary-store.ts'

type Rows = Parameters<typeof delayRows>

const six = '2013-01-01 06:00'
const cases: readonly { how: string; rows: Rows }[] = [
  {
    how: 'in the order in which they are stored',
    rows: [
      ['EWR', six, 1],
      ['JFK', six, 2],
      ['EWR', '2013-01-01 07:00', 3],
    ],
  },
  {
    how: 'in another order',
    rows: [
      ['EWR', '2013-01-01 07:00', 3],
      ['JFK', six, 2],
      ['EWR', six, 1],
    ],
  },
  {
    how: 'with one that repeats another',
    rows: [
      ['EWR', six, 1],
      ['EWR', six, 1],
      ['JFK', six, 2],
    ],
  },
]

test.each(cases)('rows that lie in a table are stored as copied ones are: $how', async ({ rows }) => {
  const [store, other] = [new TemporaryStore(), new TemporaryStore()]
  const engine = await store.engine()
  const contract = published(delays)
  const now = '2013-01-02T00:00:00.000Z'
  await engine.execute(`CREATE TABLE given AS ${delayRows(...rows)}`)
  const request = { engine, root: store.root, contract, inputDigest: now, runId: 'run', clock: () => new Date(now) }
  const candidate = '(SELECT *, rowid AS _row FROM given)'
  const result = await commitRows({ ...request, candidate, rowid: '_row' })
  const copying = await other.engine()
  expect(result).toEqual(await other.commit(copying, contract, delayRows(...rows), now))
  expect(await store.stored(engine, contract)).toEqual(await other.stored(copying, contract))
  expect(await engine.rows("SELECT view_name FROM duckdb_views() WHERE view_name LIKE '%candidate%'")).toEqual([])
})

test('rows that lie in a table: two values for one key and time are refused, side by side or not', async () => {
  for (const between of [[], [['LGA', '2013-01-01 05:00', 9]]] as Rows[]) {
    const store = new TemporaryStore()
    const engine = await store.engine()
    const contract = published(delays)
    await engine.execute(`CREATE TABLE given AS ${delayRows(['EWR', six, 1], ...between, ['EWR', six, 2])}`)
    const candidate = '(SELECT *, rowid AS _row FROM given)'
    const request = { engine, root: store.root, contract, inputDigest: 'x', runId: 'run', clock: () => new Date() }
    await expect(commitRows({ ...request, candidate, rowid: '_row' })).rejects.toMatchObject({
      code: 'FTI_DUPLICATE_KEY',
    })
  }
})

test('a batch that begins where the table ends is compared, and a later one goes on with the sequence', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const contract = published(delays)
  const commit = (now: string, ...rows: Rows) => store.commit(engine, contract, delayRows(...rows), now)
  await commit('2013-01-02T00:00:00Z', ['EWR', six, 1], ['JFK', six, 2])
  const same = { unchanged: 1, restated: 1, late: 0, appended: 2 }
  const later: Rows[number] = ['EWR', '2013-01-01 06:00:00.000001', 4]
  expect(await commit('2013-01-03T00:00:00Z', ['EWR', six, 1], ['JFK', six, 3], later)).toMatchObject(same)
  const next: Rows = [
    ['EWR', '2013-01-01 06:00:00.000002', 5],
    ['JFK', '2013-01-01 06:00:00.000002', 6],
  ]
  expect(await commit('2013-01-04T00:00:00Z', ...next)).toMatchObject({ appended: 2, restated: 0, late: 0 })
  expect(await commit('2013-01-05T00:00:00Z', ...next)).toMatchObject({ appended: 0, unchanged: 2 })
  const sequence = (await store.stored(engine, contract)).map((row) => Object.entries(row).at(-1)?.[1])
  expect(sequence).toEqual([1, 2, 3, 4, 5, 6])
})
