import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { FeatureGroup, ValueType, WindowAggregate } from '../../../src/contract/index.ts'
import { type Engine, openEngine } from '../../../src/engine/index.ts'
import { outputSelect } from '../../../src/feature/transforms/window-aggregates.ts'
import { TemporaryProject } from '../temporary-project.ts'

let engine: Engine
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fti-windows-'))
  engine = await openEngine({ tempDirectory: folder, allowedDirectories: [folder] })
})
afterAll(async () => {
  await engine.close()
  await rm(folder, { recursive: true })
})

type AggregateName = WindowAggregate['function']
const minute = 60_000

interface Departure {
  readonly origin: string
  /** Minutes after midnight. */
  readonly at: number
  readonly known: number
  readonly delay: number | null
  readonly seats: number | null
}

const departure = fc.record({
  origin: fc.constantFrom('JFK', 'EWR'),
  at: fc.integer({ min: 0, max: 30 }),
  known: fc.integer({ min: 0, max: 60 }),
  delay: fc.option(
    fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((delay) => delay + 0),
    { freq: 4 },
  ),
  seats: fc.option(fc.integer({ min: -5, max: 400 }), { freq: 4 }),
})

test('every aggregate is that of the rows in its window, whatever their order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(departure, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 0, max: 20 }),
      async (rows, over) => {
        const found = await aggregated(rows, over)
        expect(found).toEqual(expected(rows, over))
        expect(await aggregated([...rows].reverse(), over)).toEqual(found)
      },
    ),
    { numRuns: 60 },
  )
}, 60_000)

const features: Record<string, [AggregateName, string[], ValueType]> = {
  flights: ['count', ['*'], 'int32'],
  measured: ['count', ['delay'], 'int64'],
  delay_sum: ['sum', ['delay'], 'float64'],
  seats_sum: ['sum', ['seats'], 'int32'],
  delay_mean: ['mean', ['delay'], 'float64'],
  seats_mean: ['mean', ['seats'], 'float64'],
  delay_min: ['min', ['delay'], 'float64'],
  seats_max: ['max', ['seats'], 'int32'],
  delay_last: ['last', ['delay'], 'float64'],
  delay_std: ['std', ['delay'], 'float64'],
  kinds: ['distinct', ['seats'], 'int64'],
  per_flight: ['ratio', ['seats', '*'], 'float64'],
}

function group(over: number, more: Partial<FeatureGroup> = {}): FeatureGroup {
  return {
    name: 'traffic',
    entity: { name: 'airport', key: { origin: 'string' } },
    transform: { kind: 'sql', path: '/features/traffic.sql' },
    isStatic: false,
    eventTime: 'at',
    availability: { kind: 'column', column: 'known' },
    features: Object.entries(features).map(([name, [, , type]]) => ({ name, type, nullable: true })),
    aggregates: Object.fromEntries(
      Object.entries(features).map(([name, [fn, columns]]) => [name, { function: fn, columns, overMs: over * minute }]),
    ),
    expectations: { rows: [], batch: [] },
    onInvalid: 'fail',
    maxFutureMs: 0,
    schedule: { cron: undefined, retry: { times: 0, backoffMs: 0 } },
    ...more,
  }
}

const project = { locate: (path: readonly (string | number)[]) => path.join('.') }
const sql = 'SELECT * FROM departures'

async function load(rows: readonly Departure[]): Promise<void> {
  const time = (minutes: number) => `TIMESTAMPTZ '2013-01-01 00:00:00Z' + to_minutes(${minutes})`
  const values = rows.map(
    ({ origin, at, known, delay, seats }) =>
      `('${origin}', ${time(at)}, ${time(known)}, ${delay === null ? 'NULL' : `'${delay}'`}::DOUBLE, ${seats}::INTEGER)`,
  )
  await engine.execute(
    `CREATE OR REPLACE TABLE departures AS SELECT * FROM (VALUES ${values.join(', ')}) v(origin, "at", known, delay, seats)`,
  )
}

async function aggregated(rows: readonly Departure[], over: number): Promise<object[]> {
  await load(rows)
  const select = await outputSelect(engine, project, group(over), { sql })
  return engine.rows(
    `SELECT * REPLACE (epoch_ms("at") // ${minute} % 1440 AS "at", epoch_ms(known) // ${minute} % 1440 AS known)
     FROM (${select}) ORDER BY origin, "at"`,
  )
}

function expected(rows: readonly Departure[], over: number): object[] {
  const moments = [...new Map(rows.map(({ origin, at }) => [`${origin} ${at}`, { origin, at }])).values()]
  moments.sort((a, b) => (a.origin < b.origin ? -1 : a.origin > b.origin ? 1 : a.at - b.at))
  return moments.map(({ origin, at }) => {
    const window = rows.filter((row) => row.origin === origin && row.at <= at && row.at >= at - over)
    const delays = numbers(window.map(({ delay }) => delay))
    const seats = numbers(window.map((row) => row.seats))
    const newest = window
      .filter(({ delay }) => delay !== null)
      .sort((a, b) => b.at - a.at || Number(b.delay) - Number(a.delay))
    const near = (value: number | null) => (value === null ? null : expect.closeTo(value, 3))
    return {
      origin,
      at,
      flights: window.length,
      measured: delays.length,
      delay_sum: delays.length === 0 ? null : sum(delays),
      seats_sum: seats.length === 0 ? null : sum(seats),
      delay_mean: delays.length === 0 ? null : sum(delays) / delays.length,
      seats_mean: seats.length === 0 ? null : sum(seats) / seats.length,
      delay_min: delays[0] ?? null,
      seats_max: seats.at(-1) ?? null,
      delay_last: newest[0]?.delay ?? null,
      delay_std: delays.length < 2 ? null : near(deviation(delays)),
      kinds: new Set(seats).size,
      per_flight: seats.length === 0 ? null : sum(seats) / window.length,
      known: Math.max(...window.map(({ known }) => known)),
    }
  })
}

/** In order of size, as they are added. */
function numbers(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null).sort((a, b) => a - b)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function deviation(values: readonly number[]): number {
  const mean = sum(values) / values.length
  return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1))
}

test('a column that the transform does not give is named with its place and the nearest one', async () => {
  await load([{ origin: 'JFK', at: 0, known: 0, delay: 1, seats: 2 }])
  const wrong = group(1, { aggregates: { flights: { function: 'sum', columns: ['seat'], overMs: minute } } })
  await expect(outputSelect(engine, project, wrong, { sql })).rejects.toMatchObject({
    code: 'FTI_AGGREGATE_COLUMN',
    place: 'featureGroups.traffic.features.flights.aggregate',
    remedy: "did you mean 'seats'? Otherwise select seat in the SQL",
  })
})

const traffic = {
  delays: {
    eventTime: 'at',
    availableAt: 'at',
    features: {
      flights: { type: 'int32', aggregate: { count: '*', over: '1h' } },
      delay: { type: 'float64', aggregate: { mean: 'delay', over: '90m' } },
    },
  },
}

test('a group of windows is run, committed, and has nothing to do the second time', async () => {
  const example = new TemporaryProject(traffic)
  expect(await example.runDelays()).toMatchObject({ status: 'committed', outcome: { rows: 3, appended: 3 } })
  expect(await example.runDelays()).toMatchObject({ status: 'nothing to do' })
  const narrower = { flights: { type: 'int32', aggregate: { count: '*', over: '30m' } } }
  example.configure({ delays: { ...traffic.delays, features: { ...traffic.delays.features, ...narrower } } })
  const edited = await example.runDelays()
  expect(edited.error ?? edited).not.toMatchObject({ status: 'nothing to do' })
})

test('a row of unknown availability makes its window unknown, which the contract refuses', async () => {
  const files = {
    'data/flights.csv':
      'origin,at,known,delay\nJFK,2013-01-01T05:00:00Z,2013-01-01T05:10:00Z,2\nJFK,2013-01-01T05:30:00Z,,3\n',
    'features/delays.sql': 'SELECT origin, "at", known, delay FROM flights',
  }
  const example = new TemporaryProject({ delays: { ...traffic.delays, availableAt: 'known' }, files })
  expect(await example.runDelays()).toMatchObject({ error: { code: 'FTI_CONTRACT_VIOLATED' } })
})

test('windows over pushed rows would count those alone, so they are refused', async () => {
  const flights = { type: 'push', path: undefined, types: { origin: 'string', at: 'timestamp', delay: 'float64' } }
  const example = new TemporaryProject({ ...traffic, flights })
  expect(await example.runDelays()).toMatchObject({ error: { code: 'FTI_GROUP_PARTIAL' } })
})

test.each([
  [{ count: '*', over: '3' }, /a duration: a number with a unit/],
  [{ count: '*', mean: 'delay', over: '1h' }, /must have one function, and has count and mean/],
  [{ over: '1h' }, /must have one function, and has none/],
  [{ ratio: ['delay'], over: '1h' }, /a list of two columns/],
])('the aggregate %j is refused', async (aggregate, message) => {
  const example = new TemporaryProject({ delays: { features: { delay: { type: 'float64', aggregate } } } })
  await expect(example.load()).rejects.toThrow(message)
})

test('a feature without a window beside one with a window is refused', async () => {
  const features = { flights: { type: 'int32', aggregate: { count: '*', over: '1h' } }, delay: 'float64' }
  await expect(new TemporaryProject({ delays: { features } }).load()).rejects.toThrow(/'delay' has no aggregate/)
})
