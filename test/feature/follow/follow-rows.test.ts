import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { silentReporter } from '../../../src/base/index.ts'
import { type FollowedBatch, followRows, getValues, pushRows } from '../../../src/feature/index.ts'
import { type ProjectChanges, TemporaryProject } from '../temporary-project.ts'

const airports = ['JFK', 'EWR', 'LGA']

/** Rows are pushed into `ratings`, through SQL; a module and windows are made from it. */
function project(changes: ProjectChanges = {}): TemporaryProject {
  return new TemporaryProject({
    sources: { given: { type: 'push', types: { origin: 'string', at: 'timestamp', stars: 'int32' } } },
    groups: {
      ratings: {
        entity: 'airport',
        transform: 'features/ratings.sql',
        eventTime: 'at',
        availableAt: 'at',
        features: { stars: { type: 'int32', range: [0, 5] } },
        ...changes.delays,
      },
      recent: {
        entity: 'airport',
        transform: 'features/recent.sql',
        eventTime: 'at',
        availableAt: 'at',
        features: {
          ratings: { type: 'int64', aggregate: { count: '*', over: '3h' } },
          mean: { type: 'float64', aggregate: { mean: 'stars', over: '3h' } },
          best: { type: 'int32', aggregate: { max: 'stars', over: '1d' } },
        },
      },
      squared: {
        entity: 'airport',
        transform: { sql: 'features/recent.sql', module: 'features/squared.ts' },
        eventTime: 'at',
        availableAt: 'at',
        features: { square: 'float64' },
      },
    },
    files: {
      'features/ratings.sql': 'SELECT origin, "at", stars FROM given',
      'features/recent.sql': 'SELECT origin, "at", stars FROM ratings',
      'features/squared.ts':
        'export default (rows) => rows.map(({ origin, at, stars }) => ({ origin, at, square: stars * stars }))',
    },
  })
}

async function follow(made: TemporaryProject, text: string, batchRows: number, format: 'ndjson' | 'csv' = 'ndjson') {
  const batches: FollowedBatch[] = []
  const summary = await followRows({
    project: await made.load(),
    group: 'ratings',
    format,
    rows: Readable.from([Buffer.from(text)]),
    batchRows,
    batchMs: 60_000,
    onBatch: async (batch) => {
      batches.push(batch)
    },
    by: 'test',
    command: 'test',
    lockWaitMs: 0,
    reporter: silentReporter,
  })
  return { summary, batches }
}

async function valuesOf(made: TemporaryProject) {
  const loaded = await made.load()
  const values: unknown[] = []
  for (const group of ['ratings', 'recent', 'squared']) {
    for (const origin of airports)
      values.push((await getValues(loaded, { group, key: { origin }, at: new Date() })).online?.values)
    const rows = await made.stored(group)
    const newest = new Map<string, object>()
    for (const { _available_at, _committed_at, _sequence, ...row } of rows)
      newest.set(`${row['origin']} ${row['at']}`, row)
    values.push([...newest].sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return values
}

const row = fc.record({
  origin: fc.constantFrom(...airports),
  at: fc.integer({ min: 0, max: 12 }).map((hour) => new Date(Date.UTC(2025, 0, 1, hour)).toISOString()),
  stars: fc.integer({ min: 0, max: 5 }),
})
const stream = fc
  .uniqueArray(row, { selector: ({ origin, at }) => `${origin} ${at}`, minLength: 1, maxLength: 12 })
  .chain((rows) => fc.shuffledSubarray(rows, { minLength: rows.length }))

test('what a stream left is in the online store, also of the groups that are made from the pushed one', async () => {
  const made = project()
  const { batches } = await follow(made, lines([jfk(1, 3), jfk(2, 5), { ...jfk(1, 4), origin: 'EWR' }]), 2)
  expect(
    batches.map(({ firstLine, lastLine, groups }) => [firstLine, lastLine, ...groups.map(({ group }) => group)]),
  ).toEqual([
    [1, 2, 'ratings', 'recent', 'squared'],
    [3, 3, 'ratings', 'recent', 'squared'],
  ])
  const { online } = await getValues(await made.load(), { group: 'recent', key: { origin: 'JFK' }, at: new Date() })
  expect(online?.values).toMatchObject({ ratings: 2, mean: 4, best: 5 })
})

test('where the group quarantines, bad lines and bad rows are set aside and the stream goes on', async () => {
  const made = project({ delays: { onInvalid: 'quarantine' } })
  const bad = [
    '{"origin":"JFK"',
    '[1]',
    '{"origin":"JFK","at":"2025-01-01T03:00:00Z","stars":"many"}',
    JSON.stringify(jfk(4, 9)),
  ]
  const text = `${lines([jfk(1, 3)])}${bad.join('\n')}\n${lines([jfk(5, 2)])}`
  for (const batchRows of [1, 6]) {
    const { summary, batches } = await follow(made, text, batchRows)
    expect(summary).toMatchObject({ end: 'input', lastLine: 6, quarantined: 4 })
    expect(batches.flatMap(({ unreadable }) => unreadable.map(({ line }) => line))).toEqual([2, 3, 4])
  }
  expect(await made.stored('ratings')).toMatchObject([{ stars: 3 }, { stars: 2 }])
  // The same lines a second time, in other batches, are not kept twice.
  expect(await made.quarantined('ratings')).toHaveLength(4)
})

test('where it does not, a bad line ends the stream with its number, and what was before it stays', async () => {
  const made = project()
  const { summary } = await follow(
    made,
    `${lines([jfk(1, 3), jfk(2, 3), jfk(3, 3)])}{"origin":\n${lines([jfk(4, 3)])}`,
    2,
  )
  expect(summary).toMatchObject({
    end: 'failed',
    lastLine: 2,
    failed: { error: { code: 'FTI_SOURCE_UNREADABLE', place: 'standard input:4' } },
  })
  expect(await made.stored('ratings')).toHaveLength(2)
})

test('a stream of csv is refused before it is read', async () => {
  const made = project()
  await expect(follow(made, 'origin,at,stars\n', 2, 'csv')).rejects.toMatchObject({ code: 'FTI_PUSH_UNEXPECTED' })
})

function jfk(hour: number, stars: number) {
  return { origin: 'JFK', at: `2025-01-01T0${hour}:00:00Z`, stars }
}

function lines(rows: readonly object[]): string {
  return rows.map((one) => `${JSON.stringify(one)}\n`).join('')
}

test('a stream in batches of any size, in any order and with repeats gives the values of one push of all its rows', async () => {
  await fc.assert(
    fc.asyncProperty(stream, fc.integer({ min: 1, max: 5 }), fc.nat(3), async (rows, batchRows, repeated) => {
      const streamed = project()
      const { summary } = await follow(streamed, lines([...rows.slice(0, repeated), ...rows]), batchRows)
      expect(summary).toMatchObject({ end: 'input', appended: rows.length, quarantined: 0 })
      const whole = project()
      const pushed = { group: 'ratings', format: 'ndjson', rows: Readable.from([Buffer.from(lines(rows))]) } as const
      const options = { by: 'test', command: 'test', lockWaitMs: 0, reporter: silentReporter }
      await pushRows({ project: await whole.load(), ...pushed, ...options })
      await whole.run({ groups: ['recent', 'squared'] })
      expect(await valuesOf(streamed)).toEqual(await valuesOf(whole))
    }),
    { numRuns: process.env['FTI_LONG'] ? 40 : 1 },
  )
}, 300_000)
