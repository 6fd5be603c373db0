import { expect, test } from 'vitest'
import { apply } from '../../../src/operations/index.ts'
import { runCommand } from '../../cli/run-command.ts'
import { flightsCsv, TemporaryProject } from '../temporary-project.ts'

const monday = new Date('2013-01-07T00:00:00Z')
const tuesday = new Date('2013-01-08T00:00:00Z')
const wednesday = new Date('2013-01-09T00:00:00Z')

/** Run on Monday; a correction came on Tuesday; on Wednesday the feature has another name. */
async function renamed(features: object, sql = 'SELECT origin, "at", delay::DOUBLE AS wait FROM flights') {
  const project = new TemporaryProject()
  await project.run({ now: monday })
  project.write('data/flights.csv', flightsCsv.replace(',10', ',11'))
  await project.run({ now: tuesday })
  project.configure({ delays: { features } })
  project.write('features/delays.sql', sql)
  await apply(await project.load(), { by: 'test', now: wednesday })
  return project
}

const rename = { wait: { type: 'float64', renamedFrom: 'delay' } }

test('a renamed feature has its values, its corrections and since when they were known; nothing is made again', async () => {
  const project = await renamed(rename)
  const plan = await runCommand(['plan'], { cwd: project.folder })
  expect(plan.stdout).toContain('table v2 is created by the next run: 4 rows are taken over under their new names')
  expect(await project.runDelays({ now: wednesday })).toMatchObject({
    status: 'committed',
    outcome: { contractVersion: 2, snapshot: 0, appended: 0, unchanged: 3, inherited: 4 },
  })
  expect(await project.stored()).toMatchObject([
    { origin: 'EWR', wait: -4, _available_at: '2013-01-01T05:00:00.000Z', _sequence: 1 },
    { origin: 'JFK', wait: 2.5, _sequence: 2 },
    { origin: 'JFK', wait: 10, _available_at: '2013-01-01T06:00:00.000Z', _committed_at: monday.toISOString() },
    {
      origin: 'JFK',
      wait: 11,
      _available_at: tuesday.toISOString(),
      _committed_at: tuesday.toISOString(),
      _sequence: 4,
    },
  ])
})

test('rows that the source has forgotten are there under the new name', async () => {
  const project = await renamed(rename)
  project.write('data/flights.csv', 'origin,at,delay\nJFK,2013-01-09T08:00:00Z,4\n')
  expect(await project.runDelays({ now: new Date('2013-01-10T00:00:00Z') })).toMatchObject({
    outcome: { contractVersion: 2, appended: 1, snapshot: 1 },
  })
  expect(await project.stored()).toHaveLength(5)
})

test('a rename with another unit inherits no values: they mean something else', async () => {
  const inSeconds = { wait: { type: 'float64', unit: 's', renamedFrom: 'delay' } }
  const project = await renamed(inSeconds, 'SELECT origin, "at", delay::DOUBLE * 60 AS wait FROM flights')
  expect(await project.runDelays({ now: wednesday })).toMatchObject({
    outcome: { contractVersion: 2, appended: 3, restated: 0 },
  })
})

test('a key that leaves the source together with the rename is deleted', async () => {
  const all = { static: true, deleted: 'gone', onMissing: 'delete', eventTime: undefined, availableAt: undefined }
  const sql = (name: string) => `SELECT origin, delay::DOUBLE AS ${name}, false AS gone FROM flights`
  const files = { 'data/flights.csv': 'origin,delay\nJFK,1\nEWR,2\n', 'features/delays.sql': sql('delay') }
  const project = new TemporaryProject({ delays: all, files })
  await project.run({ now: monday })
  project.configure({ delays: { ...all, features: rename } })
  project.write('features/delays.sql', sql('wait'))
  project.write('data/flights.csv', 'origin,delay\nJFK,1\n')
  await apply(await project.load(), { by: 'test', now: tuesday })
  expect(await project.runDelays({ now: wednesday })).toMatchObject({
    status: 'committed',
    outcome: { contractVersion: 2, appended: 1, restated: 1 },
  })
  const deleted = { origin: 'EWR', wait: null, gone: true, _available_at: wednesday.toISOString() }
  expect((await project.stored()).at(-1)).toMatchObject(deleted)
})
