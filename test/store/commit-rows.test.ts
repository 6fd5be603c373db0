import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Contract } from '../../src/contract/index.ts'
import { commitRows, latestRelation, readHistory, readSnapshot, tablePath } from '../../src/store/index.ts'
import { delayRows, delays, published, TemporaryStore } from './temporary-store.ts'

const day2 = '2013-01-02T00:00:00.000Z'
const day3 = '2013-01-03T00:00:00.000Z'

test('availability: a first load takes what is declared', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const result = await store.commit(
    engine,
    published(delays),
    delayRows(['JFK', '2013-01-01 06:00', 2], ['EWR', '2013-01-01 05:00', 1]),
    day2,
  )
  expect(result).toEqual({ snapshot: 0, committed: true, appended: 2, unchanged: 0, restated: 0, late: 0 })
  expect(await store.stored(engine, published(delays))).toEqual([
    row('EWR', '2013-01-01T05', 1, '2013-01-01T06:00:00.000Z', day2, 1),
    row('JFK', '2013-01-01T06', 2, '2013-01-01T07:00:00.000Z', day2, 2),
  ])
})

test('availability: a later event takes what is declared, a late one its commit time', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await store.commit(engine, published(delays), delayRows(['JFK', '2013-01-01 06:00', 2]), day2)
  const result = await store.commit(
    engine,
    published(delays),
    delayRows(['JFK', '2013-01-01 05:00', 1], ['EWR', '2013-01-01 06:00', 3], ['EWR', '2013-01-01 06:00:00.000001', 4]),
    day3,
  )
  expect(result).toMatchObject({ snapshot: 1, appended: 3, late: 2, restated: 0 })
  expect((await store.stored(engine, published(delays))).slice(1)).toEqual([
    row('JFK', '2013-01-01T05', 1, day3, day3, 2),
    row('EWR', '2013-01-01T06', 3, day3, day3, 3),
    { ...row('EWR', '2013-01-01T06', 4, '2013-01-01T07:00:00.000001Z', day3, 4), at: '2013-01-01T06:00:00.000001Z' },
  ])
})

test('availability: a late row that is declared to be known only after its commit keeps what is declared', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await store.commit(engine, published(delays), delayRows(['JFK', '2013-01-01 06:00', 2]), '2013-01-01T06:00:00Z')
  await store.commit(engine, published(delays), delayRows(['EWR', '2013-01-01 06:00', 2]), '2013-01-01T06:10:00Z')
  expect((await store.stored(engine, published(delays)))[1]).toMatchObject({
    _available_at: '2013-01-01T07:00:00.000Z',
  })
})

test('availability: a restated value is a new row from its commit on, and the newest one is the latest', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await store.commit(
    engine,
    published(delays),
    delayRows(['JFK', '2013-01-01 06:00', 2], ['EWR', '2013-01-01 06:00', 1]),
    day2,
  )
  const again = delayRows(['JFK', '2013-01-01 06:00', 5], ['EWR', '2013-01-01 06:00', 1])
  expect(await store.commit(engine, published(delays), again, day3)).toMatchObject({
    appended: 1,
    restated: 1,
    late: 0,
    unchanged: 1,
  })
  expect((await store.stored(engine, published(delays))).at(-1)).toEqual(row('JFK', '2013-01-01T06', 5, day3, day3, 3))
  const snapshot = await readSnapshot(tablePath(store.root, 'delays', 1))
  expect(await engine.rows(`SELECT origin, delay FROM (${latestRelation(snapshot, delays)}) ORDER BY origin`)).toEqual([
    { origin: 'EWR', delay: 1 },
    { origin: 'JFK', delay: 5 },
  ])
})

test('availability: a value that goes back to what it was is restated twice', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  for (const [index, value] of [1, 2, 1].entries()) {
    const result = await store.commit(
      engine,
      published(delays),
      delayRows(['JFK', '2013-01-01 06:00', value]),
      `2013-01-0${index + 2}T00:00:00Z`,
    )
    expect(result.restated).toBe(index === 0 ? 0 : 1)
  }
  expect(await store.stored(engine, published(delays))).toHaveLength(3)
})

test('availability: a correction is never available before the value that it corrects', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await store.commit(engine, published(delays), delayRows(['JFK', '2013-01-01 06:00', 1]), '2013-01-01T06:00:00Z')
  const earlier = `SELECT * REPLACE ("at" AS _declared_available_at) FROM (${delayRows(['JFK', '2013-01-01 06:00', 2])})`
  await store.commit(engine, published(delays), earlier, '2013-01-01T06:10:00Z')
  expect((await store.stored(engine, published(delays)))[1]).toMatchObject({
    _available_at: '2013-01-01T07:00:00.000Z',
  })
})

test('availability: a clock that was set back does not make a commit earlier than the one before', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await store.commit(engine, published(delays), delayRows(['JFK', '2013-01-01 06:00', 1]), day3)
  await store.commit(engine, published(delays), delayRows(['JFK', '2013-01-01 06:00', 2]), day2)
  expect((await store.stored(engine, published(delays)))[1]).toMatchObject({
    _available_at: day3,
    _committed_at: day3,
  })
})

test('availability: static: the first value of a key is known always, a changed one from its commit', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const aircraft = published(staticContract)
  const load = (...rows: string[]) =>
    `SELECT tailnum, seats::INTEGER AS seats, NULL::TIMESTAMPTZ AS _declared_available_at FROM (VALUES ${rows.join()}) v(tailnum, seats)`
  await store.commit(engine, aircraft, load(`('N1', 100)`, `('N2', NULL)`), day2)
  const result = await store.commit(engine, aircraft, load(`('N1', 150)`, `('N2', NULL)`, `('N3', 9)`), day3)
  expect(result).toMatchObject({ appended: 2, restated: 1, unchanged: 1, late: 0 })
  expect(await store.stored(engine, aircraft)).toEqual([
    { tailnum: 'N1', seats: 100, _available_at: '1900-01-01T00:00:00.000Z', _committed_at: day2, _sequence: 1 },
    { tailnum: 'N2', seats: null, _available_at: '1900-01-01T00:00:00.000Z', _committed_at: day2, _sequence: 2 },
    { tailnum: 'N1', seats: 150, _available_at: day3, _committed_at: day3, _sequence: 3 },
    { tailnum: 'N3', seats: 9, _available_at: '1900-01-01T00:00:00.000Z', _committed_at: day3, _sequence: 4 },
  ])
})

test('the same rows again make no new version, NaN and null included', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const rows = delayRows(
    ['JFK', '2013-01-01 06:00', 'nan'],
    ['EWR', '2013-01-01 06:00', null],
    ['LGA', '2013-01-01 06:00', 'inf'],
  )
  await store.commit(engine, published(delays), rows, day2)
  const result = await store.commit(engine, published(delays), rows, day3)
  expect(result).toEqual({ snapshot: 0, committed: false, appended: 0, unchanged: 3, restated: 0, late: 0 })
  expect(await readHistory(tablePath(store.root, 'delays', 1))).toHaveLength(1)
})

test('the same rows again leave no file behind', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  for (let i = 0; i < 3; i++)
    await store.commit(engine, published(delays), delayRows(['JFK', '2013-01-01 06:00', 1]), day2)
  expect(readdirSync(tablePath(store.root, 'delays', 1)).sort()).toEqual([
    '_delta_log',
    expect.stringMatching(/^part-.*\.parquet$/),
  ])
  expect(readdirSync(join(store.root, 'delays/v1/_delta_log'))).toEqual(['00000000000000000000.json'])
  expect(await engine.rows('SELECT table_name FROM duckdb_tables()')).toEqual([])
})

test('a batch with the same row twice stores it once, known since the earlier declaration', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const one = delayRows(['JFK', '2013-01-01 06:00', 1])
  const twice = `${one} UNION ALL SELECT * REPLACE ("at" AS _declared_available_at) FROM (${one})`
  expect(await store.commit(engine, published(delays), twice, day2)).toMatchObject({ appended: 1, unchanged: 0 })
  expect(await store.stored(engine, published(delays))).toMatchObject([{ _available_at: '2013-01-01T06:00:00.000Z' }])
})

test('a batch with two values for a key and event time is refused with a sample', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const rows = delayRows(['JFK', '2013-01-01 06:00', 1], ['JFK', '2013-01-01 06:00', 2], ['EWR', '2013-01-01 06:00', 2])
  await expect(store.commit(engine, published(delays), rows, day2)).rejects.toMatchObject({
    code: 'FTI_DUPLICATE_KEY',
    detail:
      '{"origin":"JFK","at":"2013-01-01T06:00:00.000Z","delay":1}\n{"origin":"JFK","at":"2013-01-01T06:00:00.000Z","delay":2}',
  })
  expect(await readSnapshot(tablePath(store.root, 'delays', 1))).toBeUndefined()
  expect(await engine.rows('SELECT table_name FROM duckdb_tables()')).toEqual([])
})

test.each([
  ['a null key', delayRows([null, '2013-01-01 06:00', 1]), 'no origin'],
  [
    'no event time',
    `SELECT * REPLACE (NULL::TIMESTAMPTZ AS "at") FROM (${delayRows(['JFK', '2013-01-01 06:00', 1])})`,
    'no finite at',
  ],
  [
    'an infinite event time',
    `SELECT * REPLACE ('infinity'::TIMESTAMPTZ AS "at") FROM (${delayRows(['JFK', '2013-01-01 06:00', 1])})`,
    'no finite at',
  ],
  [
    'no availability',
    `SELECT * REPLACE (NULL::TIMESTAMPTZ AS _declared_available_at) FROM (${delayRows(['JFK', '2013-01-01 06:00', 1])})`,
    'available',
  ],
  ['a column missing', `SELECT * EXCLUDE (delay) FROM (${delayRows(['JFK', '2013-01-01 06:00', 1])})`, 'delay'],
  [
    'a column of another type',
    `SELECT * REPLACE (1 AS delay) FROM (${delayRows(['JFK', '2013-01-01 06:00', 1])})`,
    'DOUBLE',
  ],
])('a batch with %s is refused', async (_, candidate, message) => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await expect(store.commit(engine, published(delays), candidate, day2)).rejects.toMatchObject({
    code: 'FTI_ROWS_INVALID',
    message: expect.stringContaining(message),
  })
})

test('a batch without rows still makes the table', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const result = await store.commit(
    engine,
    published(delays),
    `SELECT * FROM (${delayRows(['JFK', '2013-01-01 06:00', 1])}) WHERE false`,
    day2,
  )
  expect(result).toMatchObject({ snapshot: 0, committed: true, appended: 0 })
  expect(await store.stored(engine, published(delays))).toEqual([])
  await store.commit(engine, published(delays), delayRows(['JFK', '2013-01-01 06:00', 1]), day3)
  expect(await store.stored(engine, published(delays))).toHaveLength(1)
})

test('a batch that is cancelled changes nothing', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const request = {
    engine,
    root: store.root,
    contract: published(delays),
    inputDigest: 'x',
    runId: 'r',
    clock: () => new Date(day2),
  }
  const candidate = delayRows(['JFK', '2013-01-01 06:00', 1])
  await expect(commitRows({ ...request, candidate, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'FTI_INTERRUPTED',
  })
  expect(await readSnapshot(tablePath(store.root, 'delays', 1))).toBeUndefined()
})

test('names with quotes, keywords and emoji, and every type, come back as they went in', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const odd: Contract = {
    ...delays,
    group: 'odd',
    entity: { name: 'x', key: { 'k"ey': 'string', select: 'int64', day: 'date' } },
    eventTime: "it's",
    features: [
      { name: '🛫"', type: 'float32', nullable: true },
      { name: 'from', type: 'boolean', nullable: true },
      { name: 'née', type: 'int32', nullable: true },
      { name: 'when', type: 'timestamp', nullable: true },
      { name: 'text', type: 'string', nullable: true },
    ],
  }
  const candidate = `SELECT 'ü''"' AS "k""ey", 9007199254740993 AS "select", DATE '2013-01-31' AS day, TIMESTAMPTZ '2013-01-01 05:00:00Z' AS "it's",
    0.1::FLOAT AS "🛫""", true AS "from", 7 AS "née", TIMESTAMPTZ '1969-12-31 23:59:59.999999Z' AS "when", '' AS text,
    TIMESTAMPTZ '2013-01-01 05:00:00Z' AS _declared_available_at`
  await store.commit(engine, published(odd), candidate, day2)
  expect(await store.stored(engine, published(odd))).toMatchObject([
    {
      'k"ey': `ü'"`,
      select: '9007199254740993',
      day: '2013-01-31',
      "it's": '2013-01-01T05:00:00.000Z',
      '🛫"': Math.fround(0.1),
      from: true,
      née: 7,
      when: '1969-12-31T23:59:59.999999Z',
      text: '',
    },
  ])
  expect(await store.commit(engine, published(odd), candidate, day3)).toMatchObject({ committed: false })
})

test('a new nullable feature is null in older rows, and filling it restates them', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await store.commit(
    engine,
    published(delays),
    delayRows(['JFK', '2013-01-01 06:00', 1], ['EWR', '2013-01-01 06:00', 2]),
    day2,
  )
  const wider = { ...delays, features: [...delays.features, { name: 'count', type: 'int32' as const, nullable: true }] }
  const rows = delayRows(['JFK', '2013-01-01 06:00', 1], ['EWR', '2013-01-01 06:00', 2])
  const candidate = `SELECT *, CASE WHEN origin = 'JFK' THEN 4::INTEGER END AS count FROM (${rows})`
  expect(await store.commit(engine, published(wider), candidate, day3)).toMatchObject({
    appended: 1,
    restated: 1,
    unchanged: 1,
  })
  expect(await store.stored(engine, published(wider))).toMatchObject([
    { origin: 'EWR', count: null },
    { origin: 'JFK', count: null },
    { origin: 'JFK', count: 4, _available_at: day3 },
  ])
  expect(await store.stored(engine, published(delays), 0)).toHaveLength(2)
})

test('the commit says what it was made from and where the next one goes on', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await store.commit(
    engine,
    published(delays),
    delayRows(['JFK', '2013-01-01 06:00', 1], ['EWR', '2013-01-01 07:00:00.123456', 2]),
    day2,
  )
  await store.commit(engine, published(delays), delayRows(['JFK', '2013-01-01 06:00', 3]), day3)
  const snapshot = await readSnapshot(tablePath(store.root, 'delays', 1))
  expect(snapshot).toMatchObject({ version: 1, rows: 3 })
  expect(snapshot?.info.fti).toMatchObject({
    inputDigest: day3,
    runId: 'run',
    contractVersion: 1,
    lastSequence: 3,
    highWaterMark: '2013-01-01T07:00:00.123456Z',
    restatedEver: 1,
  })
  expect(snapshot?.transactions.get('fti/delays')).toBe(1)
})

function row(
  origin: string,
  hour: string,
  delay: number,
  available: string,
  committed: string,
  sequence: number,
): object {
  return {
    origin,
    at: `${hour}:00:00.000Z`,
    delay,
    _available_at: available,
    _committed_at: committed,
    _sequence: sequence,
  }
}

const staticContract: Contract = {
  group: 'aircraft',
  entity: { name: 'aircraft', key: { tailnum: 'string' } },
  isStatic: true,
  features: [{ name: 'seats', type: 'int32', nullable: true }],
  expectations: { rows: [], batch: [] },
}
