import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { profileRelation, readProfile, writeProfile } from '../../src/store/index.ts'
import { TemporaryStore } from './temporary-store.ts'

const reference = { group: 'delays', contractVersion: 2, snapshot: 7 }

test('numbers get moments, quantiles and bins; NaN, infinity and null stay out of them', async () => {
  const engine = await new TemporaryStore().engine()
  const profile = await profileRelation(
    engine,
    `SELECT i::DOUBLE AS x FROM range(101) r(i) UNION ALL SELECT unnest(['nan', 'inf', '-inf', NULL])::DOUBLE`,
    [{ name: 'x', type: 'float64' }],
  )
  expect(profile).toMatchObject({ format: 1, rows: 105 })
  const [x] = profile.columns
  expect(x).toMatchObject({
    name: 'x',
    count: 105,
    nulls: 1,
    distinct: 104,
    min: 0,
    max: 100,
    mean: 50,
    quantiles: [5, 25, 50, 75, 95],
  })
  expect(x?.standardDeviation).toBeCloseTo(29.3, 1)
  expect(x?.histogram?.edges).toHaveLength(21)
  expect(x?.histogram?.counts).toEqual([6, ...Array.from({ length: 19 }, () => 5)])
})

test('other columns get their most frequent values', async () => {
  const engine = await new TemporaryStore().engine()
  const profile = await profileRelation(
    engine,
    `SELECT * FROM (VALUES ('b', true, DATE '2013-01-01', TIMESTAMPTZ '2013-01-01 00:00:00Z'), ('a', NULL, NULL, NULL), ('b', false, NULL, NULL)) v("it's", flag, "day", "at")`,
    [
      { name: "it's", type: 'string' },
      { name: 'flag', type: 'boolean' },
      { name: 'day', type: 'date' },
      { name: 'at', type: 'timestamp' },
    ],
  )
  expect(profile.columns).toEqual([
    {
      name: "it's",
      type: 'string',
      count: 3,
      nulls: 0,
      distinct: 2,
      min: 'a',
      max: 'b',
      top: [
        { value: 'b', count: 2 },
        { value: 'a', count: 1 },
      ],
    },
    {
      name: 'flag',
      type: 'boolean',
      count: 3,
      nulls: 1,
      distinct: 2,
      min: false,
      max: true,
      top: [
        { value: false, count: 1 },
        { value: true, count: 1 },
      ],
    },
    {
      name: 'day',
      type: 'date',
      count: 3,
      nulls: 2,
      distinct: 1,
      min: '2013-01-01',
      max: '2013-01-01',
      top: [{ value: '2013-01-01', count: 1 }],
    },
    {
      name: 'at',
      type: 'timestamp',
      count: 3,
      nulls: 2,
      distinct: 1,
      min: '2013-01-01T00:00:00.000Z',
      max: '2013-01-01T00:00:00.000Z',
    },
  ])
})

test('empty, constant and all-null columns have a profile', async () => {
  const engine = await new TemporaryStore().engine()
  const columns = [
    { name: 'one', type: 'int32' },
    { name: 'none', type: 'float64' },
  ] as const
  const relation = 'SELECT 1 AS one, NULL::DOUBLE AS none FROM range(3)'
  expect((await profileRelation(engine, relation, columns)).columns).toEqual([
    expect.objectContaining({
      min: 1,
      max: 1,
      mean: 1,
      standardDeviation: 0,
      histogram: { edges: [1, 1], counts: [3] },
    }),
    { name: 'none', type: 'float64', count: 3, nulls: 3, distinct: 0, min: undefined, max: undefined },
  ])
  expect((await profileRelation(engine, `SELECT * FROM (${relation}) WHERE false`, columns)).rows).toBe(0)
})

test('a large relation is profiled alike in every run', async () => {
  const engine = await new TemporaryStore().engine()
  await engine.execute('CREATE TABLE large AS SELECT i::DOUBLE AS x, i % 7 AS y FROM range(250000) r(i)')
  const columns = [
    { name: 'x', type: 'float64' },
    { name: 'y', type: 'int64' },
  ] as const
  const profile = await profileRelation(engine, 'large', columns)
  expect((await profileRelation(engine, 'SELECT * FROM large ORDER BY x DESC', columns)).columns[0]?.quantiles).toEqual(
    profile.columns[0]?.quantiles,
  )
  expect(profile.columns[0]?.quantiles?.[2]).toBeCloseTo(125_000, -4)
  expect(profile.columns[1]?.distinct).toBe(7)
})

test('a stored profile is read back; an absent one is undefined, a broken one an error', async () => {
  const store = new TemporaryStore()
  const profile = { format: 1 as const, rows: 1, columns: [] }
  expect(await readProfile(store.root, reference)).toBeUndefined()
  await writeProfile(store.root, reference, profile)
  await writeProfile(store.root, reference, profile)
  expect(await readProfile(store.root, reference)).toEqual(profile)
  writeFileSync(join(store.root, '_profiles/delays/v2/7.json'), '{')
  await expect(readProfile(store.root, reference)).rejects.toMatchObject({ code: 'FTI_FILE_CORRUPT' })
})
