import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openOnlineReader } from '../../../src/online/index.ts'
import { apply } from '../../../src/operations/index.ts'
import { openGroup } from '../../../src/store/index.ts'
import { registerReader } from '../registered-reader.ts'
import { flightsCsv, TemporaryProject } from '../temporary-project.ts'

const inSeconds = 'SELECT origin, "at", delay::DOUBLE * 60 AS delay FROM flights'
const compat = { v1: 'features/delays_v1.sql' }
const second = { features: { delay: { type: 'float64', unit: 's' } }, compat }
const monday = new Date('2013-01-07T00:00:00Z')
const tuesday = new Date('2013-01-08T00:00:00Z')

/** Version 2 in seconds is applied; a champion reads version 1, in minutes. */
async function applied(): Promise<TemporaryProject> {
  const feed = 'SELECT origin, "at", delay / 60 AS delay FROM delays'
  const project = new TemporaryProject({ files: { 'features/delays_v1.sql': feed } })
  await project.run({ now: monday })
  await registerReader(join(project.folder, 'registry'), { group: 'delays', contractVersion: 1, pick: ['delay'] })
  project.configure({ delays: second })
  project.write('features/delays.sql', inSeconds)
  await apply(await project.load(), { by: 'test', now: monday })
  return project
}

const rowsOf = async (project: TemporaryProject, contractVersion: number) => {
  const view = await openGroup(join(project.folder, 'store'), 'delays', { contractVersion })
  return project.query<{ origin: string; delay: number; _available_at: string }>(
    `SELECT * FROM (${view.raw}) ORDER BY _sequence`,
  )
}

test('while the new contract version is filled, the old one goes on', async () => {
  const project = await applied()
  expect(await project.runDelays({ now: monday })).toMatchObject({
    status: 'committed',
    outcome: { contractVersion: 2, appended: 3 },
    compat: [{ contractVersion: 1, status: 'nothing to do', appended: 0, refused: 0 }],
  })
  project.write('data/flights.csv', `${flightsCsv}EWR,2013-01-01T07:00:00Z,3\n`)
  expect(await project.runDelays({ now: tuesday })).toMatchObject({
    outcome: { contractVersion: 2, appended: 1 },
    compat: [{ contractVersion: 1, status: 'committed', appended: 1 }],
  })
  expect((await rowsOf(project, 1)).map(({ delay }) => delay)).toEqual([-4, 2.5, 10, 3])
  expect((await rowsOf(project, 2)).map(({ delay }) => delay)).toEqual([-240, 150, 600, 180])
})

test('a correction reaches the old version as a correction, known no earlier than the new one knew it', async () => {
  const project = await applied()
  await project.runDelays({ now: monday })
  project.write('data/flights.csv', flightsCsv.replace(',10', ',11'))
  await project.runDelays({ now: tuesday })
  expect((await rowsOf(project, 1)).at(-1)).toMatchObject({ delay: 11, _available_at: tuesday.toISOString() })
})

test('the same rows are not fed twice', async () => {
  const project = await applied()
  await project.runDelays({ now: monday })
  project.write('data/flights.csv', `${flightsCsv}EWR,2013-01-01T07:00:00Z,3\n`)
  await project.runDelays({ now: tuesday })
  expect(await project.runDelays({ now: tuesday })).toMatchObject({
    status: 'nothing to do',
    compat: [{ contractVersion: 1, status: 'nothing to do', appended: 0 }],
  })
  expect(await rowsOf(project, 1)).toHaveLength(4)
})

test.each([
  [
    'a column that the old contract does not have',
    'SELECT origin, "at", delay / 60 AS wait FROM delays',
    'FTI_SCHEMA_MISMATCH',
  ],
  ['another table', 'SELECT origin, "at", delay::DOUBLE AS delay FROM flights', 'FTI_SQL_UNKNOWN_TABLE'],
])('%s fails the run after the new version was committed', async (_what, feed, code) => {
  const project = await applied()
  // The plan would have refused it.
  project.write('features/delays_v1.sql', feed)
  const { status, error } = await project.runDelays({ now: monday })
  expect([status, error?.code]).toEqual(['failed', code])
  expect(error?.message).toContain("'delays' was committed as snapshot 0, but an older contract version was not fed")
  expect(await rowsOf(project, 2)).toHaveLength(3)
  expect(await rowsOf(project, 1)).toHaveLength(3)
})

test('both versions are synced for as long as a tag reads the old one', async () => {
  const project = await applied()
  await project.runDelays({ now: monday })
  project.write('data/flights.csv', `${flightsCsv}EWR,2013-01-01T07:00:00Z,3\n`)
  expect((await project.runDelays({ now: tuesday })).syncedKeys).toBe(4)
})

const header = 'origin,at,delay,gone\n'
const [first, last] = [
  'JFK,2013-01-01T05:00:00Z,2.5,\nEWR,2013-01-01T05:00:00Z,-4,\n',
  'JFK,2013-01-02T05:00:00Z,,true\n',
]
const flights = { types: { gone: 'boolean' } }

interface Before {
  /** Version 1 beside what the example says. */
  readonly delays?: object
  readonly columns?: string
  readonly feed?: string
}

/** Version 2 marks deletions; so does version 1 unless a test says otherwise. Both are filled, and version 1 is read. */
async function marked({ delays = { deleted: 'gone' }, columns = '"at", ', feed }: Before = {}) {
  const sql = (value: string, gone: string) => `SELECT origin, ${columns}${value} AS delay${gone} FROM flights`
  const project = new TemporaryProject({
    flights,
    delays,
    files: {
      'data/flights.csv': header + first,
      'features/delays.sql': sql('delay::DOUBLE', 'deleted' in delays ? ', gone' : ''),
      'features/delays_v1.sql': feed ?? `SELECT origin, ${columns}delay / 60 AS delay FROM delays`,
    },
  })
  await project.run({ now: monday })
  await registerReader(join(project.folder, 'registry'), { group: 'delays', contractVersion: 1, pick: ['delay'] })
  project.configure({ flights, delays: { ...second, ...delays, features: second.features, deleted: 'gone' } })
  project.write('features/delays.sql', sql('delay::DOUBLE * 60', ', gone'))
  await apply(await project.load(), { by: 'test', now: monday })
  expect((await project.runDelays({ now: monday })).error).toBeUndefined()
  return project
}

async function online(project: TemporaryProject, origin: string) {
  const reader = await openOnlineReader((await project.load()).online)
  const found = (await reader.fetch(() => [{ group: 'delays', contractVersion: 1, keys: [[origin]] }])).get(
    'delays',
    1,
    [origin],
  )
  await reader.close()
  return found?.values ?? null
}

test.each([
  ['later', first + last],
  ['of the value itself', first.replace('2.5,', ',true')],
])('a deletion (%s) reaches the old version and its online namespace, known no earlier', async (_what, rows) => {
  const project = await marked()
  expect(await online(project, 'JFK')).toEqual([2.5])
  project.write('data/flights.csv', header + rows)
  expect((await project.runDelays({ now: tuesday })).compat).toMatchObject([{ appended: 1, refused: 0 }])
  expect((await rowsOf(project, 1)).at(-1)).toMatchObject({ origin: 'JFK', delay: null, gone: true })
  const [newest, old] = [await rowsOf(project, 2), await rowsOf(project, 1)]
  expect(old.at(-1)?._available_at).toBe(newest.at(-1)?._available_at)
  expect([await online(project, 'JFK'), await online(project, 'EWR')]).toEqual([null, [-4]])
})

test('a key that comes back after its deletion comes back in the old version', async () => {
  const project = await marked()
  project.write('data/flights.csv', header + first + last)
  await project.runDelays({ now: tuesday })
  project.write('data/flights.csv', `${header}${first}${last}JFK,2013-01-03T05:00:00Z,7,\n`)
  expect((await project.runDelays({ now: tuesday })).compat).toMatchObject([{ appended: 1 }])
  expect(await online(project, 'JFK')).toEqual([7])
})

test('an old version that marks no deletions gets a row without values', async () => {
  const project = await marked({ delays: {} })
  project.write('data/flights.csv', header + first + last)
  expect((await project.runDelays({ now: tuesday })).compat).toMatchObject([{ appended: 1, refused: 0 }])
  expect(await online(project, 'JFK')).toEqual([null])
})

test('an old version that marks no deletions and allows no nulls keeps the value, and the run says so', async () => {
  const project = await marked({ delays: { features: { delay: { type: 'float64', nullable: false } } } })
  project.write('data/flights.csv', header + first + last)
  expect((await project.runDelays({ now: tuesday })).compat).toMatchObject([{ appended: 0, refused: 1 }])
  expect(await online(project, 'JFK')).toEqual([2.5])
})

test('in a static old version a key is gone whose newest row is a deletion', async () => {
  const project = await marked({
    delays: { static: true, deleted: 'gone', eventTime: undefined, availableAt: undefined },
    columns: '',
  })
  project.write('data/flights.csv', header + first.replace('2.5,', '2.5,true'))
  expect((await project.runDelays({ now: tuesday })).compat).toMatchObject([{ appended: 1 }])
  expect([await online(project, 'JFK'), await online(project, 'EWR')]).toEqual([null, [-4]])
})

test('a key that the old version never had is not deleted in it', async () => {
  const project = await marked({ feed: 'SELECT origin, "at", delay / 60 AS delay FROM delays WHERE origin <> \'LGA\'' })
  project.write('data/flights.csv', `${header}${first}LGA,2013-01-02T05:00:00Z,,true\n`)
  expect((await project.runDelays({ now: tuesday })).compat).toMatchObject([{ appended: 0 }])
})
