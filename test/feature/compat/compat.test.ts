import { join } from 'node:path'
import { expect, test } from 'vitest'
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
async function applied(feed = 'SELECT origin, "at", delay / 60 AS delay FROM delays'): Promise<TemporaryProject> {
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
  const project = await applied(feed)
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
