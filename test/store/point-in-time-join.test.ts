import { beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/index.ts'
import { type JoinedGroup, type JoinRequest, pointInTimeJoin } from '../../src/store/index.ts'
import { TemporaryStore } from './temporary-store.ts'

let engine: Engine
beforeEach(async () => {
  engine = await new TemporaryStore().engine()
})

/** Rows of a group by airport: event time, time it became known, delay; all on one day, as hh:mm. */
function delays(...rows: [airport: string, event: string, known: string, delay: number][]): string {
  const values = rows.map(
    ([airport, event, known, delay], n) => `('${airport}', ${at(event)}, ${delay}, ${at(known)}, ${n})`,
  )
  return `SELECT * FROM (VALUES ${values.join(', ')}) AS v(airport, happened, delay, _available_at, _sequence)`
}

function at(time: string): string {
  return `TIMESTAMPTZ '2013-01-01 ${time}:00Z'`
}

function group(relation: string, more: Partial<JoinedGroup> = {}): JoinedGroup {
  return {
    relation,
    name: 'delays',
    on: { airport: 'origin' },
    pick: [{ feature: 'delay', column: 'delay' }],
    eventTime: 'happened',
    isStatic: false,
    ...more,
  }
}

/** Values of one column after the join, in the order of the spine. */
async function joined(spine: string, groups: JoinedGroup[], more: Partial<JoinRequest> = {}, column = 'delay') {
  await engine.execute('DROP TABLE IF EXISTS joined')
  await pointInTimeJoin(engine, { spine, time: 't', groups, output: 'joined', ...more })
  const rows = await engine.rows<Record<string, unknown>>('SELECT * FROM joined ORDER BY _row')
  return rows.map((row) => row[column])
}

const atNoon = `SELECT 'JFK' AS origin, ${at('12:00')} AS t`

test('a value counts from the moment it is known, not from the moment it happened', async () => {
  const values = delays(['JFK', '10:00', '10:30', 1], ['JFK', '11:00', '12:30', 2])
  expect(await joined(atNoon, [group(values)])).toEqual([1])
  expect(await joined(`SELECT 'JFK' AS origin, ${at('12:30')} AS t`, [group(values)])).toEqual([2])
})

test('a value that is late does not displace a newer one that was known before it', async () => {
  const values = delays(['JFK', '10:00', '11:30', 1], ['JFK', '11:00', '11:10', 2])
  expect(await joined(atNoon, [group(values)], { plan: 'frontier' })).toEqual([2])
  expect(await joined(atNoon, [group(values)], { plan: 'window' })).toEqual([2])
})

test('a correction replaces the value only for those who could know it', async () => {
  const values = delays(['JFK', '10:00', '10:00', 1], ['JFK', '10:00', '11:00', 7])
  const spine = `SELECT 'JFK' AS origin, t FROM (VALUES (${at('10:30')}), (${at('11:00')})) v(t)`
  expect(await joined(spine, [group(values)])).toEqual([1, 7])
})

test('of values that became known together the one committed last counts', async () => {
  const values = delays(['JFK', '10:00', '10:00', 1], ['JFK', '10:00', '10:00', 2])
  expect(await joined(atNoon, [group(values)])).toEqual([2])
})

test('a value of exactly the maximum age counts, an older one gives null and keeps its row', async () => {
  const values = delays(['JFK', '10:00', '10:00', 1])
  const spine = `SELECT 'JFK' AS origin, t FROM (VALUES (${at('12:00')}), (${at('12:01')})) v(t)`
  expect(await joined(spine, [group(values, { maxAgeMs: 7_200_000 })])).toEqual([1, null])
})

test('the report tells found rows from rows that were too old', async () => {
  const report = await pointInTimeJoin(engine, {
    spine: `SELECT * FROM (VALUES ('JFK', ${at('11:00')}), ('JFK', ${at('13:00')}), ('LGA', ${at('13:00')})) v(origin, t)`,
    time: 't',
    groups: [group(delays(['JFK', '10:00', '10:00', 1]), { maxAgeMs: 7_200_000 })],
    output: 'joined',
  })
  expect(report).toEqual({
    rows: 3,
    groups: [{ name: 'delays', plan: 'window', lateShare: 0, matched: 1, tooOld: 1 }],
  })
})

test('one group is joined twice by two keys under two prefixes', async () => {
  const values = delays(['JFK', '10:00', '10:00', 1], ['LGA', '10:00', '10:00', 2])
  const spine = `SELECT 'JFK' AS origin, 'LGA' AS dest, ${at('12:00')} AS t`
  const dest = group(values, {
    name: 'dest',
    on: { airport: 'dest' },
    pick: [{ feature: 'delay', column: 'dest_delay' }],
  })
  expect(await joined(spine, [group(values), dest])).toEqual([1])
  expect(await joined(spine, [group(values), dest], {}, 'dest_delay')).toEqual([2])
})

test('a composite key matches only as a whole', async () => {
  const rows = `('JFK', 'AA', 1), ('JFK', 'UA', 2)`
  const values = `SELECT v.*, ${at('10:00')} AS happened, ${at('10:00')} AS _available_at, delay AS _sequence
    FROM (VALUES ${rows}) v(airport, carrier, delay)`
  const spine = `SELECT *, ${at('12:00')} AS t FROM (VALUES ('JFK', 'UA'), ('LGA', 'UA')) v(origin, line)`
  expect(await joined(spine, [group(values, { on: { airport: 'origin', carrier: 'line' } })])).toEqual([2, null])
})

test('a null key gives null, in either plan', async () => {
  const values = delays(['JFK', '10:00', '10:00', 1])
  const spine = `SELECT NULL::VARCHAR AS origin, ${at('12:00')} AS t`
  expect(await joined(spine, [group(values)], { plan: 'window' })).toEqual([null])
  expect(await joined(spine, [group(values)], { plan: 'frontier' })).toEqual([null])
})

test('equal spine rows each come back once, in the order of the spine', async () => {
  const values = delays(['JFK', '10:00', '10:00', 1], ['LGA', '10:00', '10:00', 2])
  const spine = `SELECT origin, ${at('12:00')} AS t FROM (VALUES ('LGA'), ('JFK'), ('LGA')) v(origin)`
  expect(await joined(spine, [group(values)])).toEqual([2, 1, 2])
})

test('a static group has no event time, and its corrections count from when they were known', async () => {
  const values = delays(['JFK', '00:00', '00:00', 1], ['JFK', '00:00', '11:00', 2])
  const fixed = group(values, { isStatic: true, eventTime: undefined })
  const spine = `SELECT 'JFK' AS origin, t FROM (VALUES (${at('10:00')}), (${at('12:00')})) v(t)`
  expect(await joined(spine, [fixed])).toEqual([1, 2])
  expect(await joined(spine, [fixed], { ignoreAvailableAt: true })).toEqual([2, 2])
})

test('ignoring availability leaks the value that was not known yet', async () => {
  const values = delays(['JFK', '10:00', '10:30', 1], ['JFK', '11:00', '12:30', 2])
  expect(await joined(atNoon, [group(values)], { ignoreAvailableAt: true })).toEqual([2])
})

test('knowing everything two hours later gives the value from before', async () => {
  const values = delays(['JFK', '09:00', '09:00', 1], ['JFK', '11:00', '11:00', 2])
  expect(await joined(atNoon, [group(values)], { shiftAvailabilityMs: 7_200_000 })).toEqual([1])
})

test('the times of the value that was taken are told on request', async () => {
  const values = group(delays(['JFK', '10:00', '10:30', 1]))
  expect(await joined(atNoon, [values], { withSources: true }, '_delays_event_time')).toEqual([
    '2013-01-01T10:00:00.000Z',
  ])
  expect(await joined(atNoon, [values], { withSources: true }, '_delays_available_at')).toEqual([
    '2013-01-01T10:30:00.000Z',
  ])
})

test('names need no care: quotes and keywords are data', async () => {
  const values = `SELECT 'x' AS "a""b", ${at('10:00')} AS "select", 5 AS "k0", ${at('10:00')} AS _available_at, 1 AS _sequence`
  const odd = group(values, { on: { 'a"b': 'et' }, eventTime: 'select', pick: [{ feature: 'k0', column: 'v"0' }] })
  expect(await joined(`SELECT 'x' AS et, ${at('12:00')} AS t`, [odd], {}, 'v"0')).toEqual([5])
})

test('many late rows of an entity with many values are looked up again without comparing them all', async () => {
  const values = `SELECT 'JFK' AS airport, ${at('00:00')} + to_seconds(i) AS happened, i AS delay,
    ${at('00:00')} + to_seconds(i + 1000) AS _available_at, i AS _sequence FROM range(6000) r(i)`
  const spine = `SELECT 'JFK' AS origin, ${at('00:00')} + to_seconds(i) AS t FROM range(6000) r(i)`
  const expected = Array.from({ length: 6000 }, (_, second) => (second < 1000 ? null : second - 1000))
  expect(await joined(spine, [group(values)], { plan: 'window' })).toEqual(expected)
})

test('the share of late values is told', async () => {
  const request = { spine: atNoon, time: 't', output: 'joined' }
  const late = await pointInTimeJoin(engine, { ...request, groups: [group(delays(['JFK', '10:00', '10:30', 1]))] })
  expect(late.groups[0]).toMatchObject({ plan: 'window', lateShare: 1 })
  const prompt = group(delays(['JFK', '10:00', '10:00', 1]))
  const known = await pointInTimeJoin(engine, { ...request, output: 'again', groups: [prompt] })
  expect(known.groups[0]).toMatchObject({ plan: 'window', lateShare: 0 })
})

test('where very many values of an entity share a moment the plan is the frontier', async () => {
  // Half of 12,000 values lie within a hundredth of a second of a day, and half of the spine rows too.
  const moment = (i: string) =>
    `${at('00:00')} + to_microseconds(CASE WHEN ${i} % 2 = 0 THEN ${i} ELSE ${i} * 10000000 END)`
  const values = `SELECT 'JFK' AS airport, ${moment('i')} AS happened, i AS delay, ${moment('i')} AS _available_at,
    i AS _sequence FROM range(12000) r(i)`
  const spine = `SELECT 'JFK' AS origin, ${moment('i')} AS t FROM range(12000) r(i)`
  await engine.execute('DROP TABLE IF EXISTS joined')
  const report = await pointInTimeJoin(engine, { spine, time: 't', groups: [group(values)], output: 'joined' })
  expect(report.groups[0]).toMatchObject({ plan: 'frontier', matched: 12000 })
  expect(await engine.rows('SELECT count(*) AS wrong FROM joined WHERE delay IS DISTINCT FROM _row')).toEqual([
    { wrong: 0 },
  ])
})

test('values that share a sequence are an error, for they would give a spine row twice', async () => {
  const values = `${delays(['JFK', '10:00', '10:00', 1])} UNION ALL ${delays(['LGA', '10:00', '10:00', 2])}`
  await expect(joined(atNoon, [group(values)])).rejects.toMatchObject({ code: 'FTI_JOIN_INVALID' })
  expect(await engine.rows('FROM duckdb_tables()')).toEqual([])
})

test('a spine row without a time is an error that counts the rows', async () => {
  const spine = `SELECT 'JFK' AS origin, NULL::TIMESTAMPTZ AS t`
  await expect(joined(spine, [])).rejects.toMatchObject({ code: 'FTI_SPINE_INVALID', data: { column: 't', rows: 1 } })
})

test('a time that is text, and a key that the spine lacks, are errors', async () => {
  await expect(joined(`SELECT '2013' AS t`, [])).rejects.toMatchObject({ code: 'FTI_SPINE_INVALID' })
  const spine = `SELECT 1 AS origins, ${at('12:00')} AS t`
  await expect(joined(spine, [group(delays(['JFK', '10:00', '10:00', 1]))])).rejects.toMatchObject({
    code: 'FTI_SPINE_INVALID',
    remedy: expect.stringContaining('origins'),
  })
})

test('a key of another type is an error that gives the cast', async () => {
  const spine = `SELECT 1 AS origin, ${at('12:00')} AS t`
  await expect(joined(spine, [group(delays(['JFK', '10:00', '10:00', 1]))])).rejects.toMatchObject({
    code: 'FTI_JOIN_INVALID',
    remedy: 'write CAST(origin AS VARCHAR) AS origin in the spine',
  })
})

test('two columns of one name are an error', async () => {
  const values = group(delays(['JFK', '10:00', '10:00', 1]))
  await expect(joined(atNoon, [values, values])).rejects.toMatchObject({ code: 'FTI_JOIN_INVALID' })
  await expect(joined(`SELECT 1 AS delay, * FROM (${atNoon})`, [values])).rejects.toMatchObject({
    code: 'FTI_JOIN_INVALID',
  })
})

test('a failed join leaves no tables behind', async () => {
  await expect(joined(`SELECT 'JFK' AS origin, NULL::TIMESTAMPTZ AS t`, [])).rejects.toThrow()
  expect(await engine.rows('SELECT table_name FROM duckdb_tables()')).toEqual([])
})

test('a cancelled join says so', async () => {
  const request = { signal: AbortSignal.abort() }
  await expect(joined(atNoon, [], request)).rejects.toMatchObject({ code: 'FTI_INTERRUPTED' })
})
