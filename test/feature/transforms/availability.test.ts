import { expect, test } from 'vitest'
import { getValues } from '../../../src/feature/index.ts'
import { flightsCsv, type ProjectChanges, TemporaryProject } from '../temporary-project.ts'

const first = new Date('2013-02-01T00:00:00Z')
const second = new Date('2013-02-02T00:00:00Z')

interface Stored {
  origin: string
  at: string
  delay: number
  _available_at: string
}

async function known(project: TemporaryProject): Promise<string[]> {
  return (await project.stored<Stored>()).map(({ origin, at, delay, _available_at: available }) =>
    [origin, at?.slice(5, 16), delay, available.slice(5, 16)].join(' '),
  )
}

test('a column says when a row was known', async () => {
  const sql = `SELECT origin, "at", delay::DOUBLE AS delay, "at" + INTERVAL 30 MINUTE AS landed_at FROM flights`
  const project = new TemporaryProject({ delays: { availableAt: 'landed_at' }, files: { 'features/delays.sql': sql } })
  await project.run({ now: first })
  expect(await known(project)).toEqual([
    'EWR 01-01T05:00 -4 01-01T05:30',
    'JFK 01-01T05:00 2.5 01-01T05:30',
    'JFK 01-01T06:00 10 01-01T06:30',
  ])
})

test('availableAfter counts from the event', async () => {
  const project = new TemporaryProject({ delays: { availableAt: undefined, availableAfter: '90m' } })
  await project.run({ now: first })
  expect((await known(project))[0]).toBe('EWR 01-01T05:00 -4 01-01T06:30')
})

test('a row that comes late was not known before its commit', async () => {
  const project = new TemporaryProject()
  await project.run({ now: first })
  project.write('data/flights.csv', `${flightsCsv}LGA,2013-01-01T05:30:00Z,1\nLGA,2013-01-01T07:00:00Z,2\n`)
  expect(await project.runDelays({ now: second })).toMatchObject({ outcome: { appended: 2, late: 1, restated: 0 } })
  expect((await known(project)).slice(3)).toEqual(['LGA 01-01T05:30 1 02-02T00:00', 'LGA 01-01T07:00 2 01-01T07:00'])
})

test('a correction is a new row, known from its commit; the old value stays', async () => {
  const project = new TemporaryProject()
  await project.run({ now: first })
  project.write('data/flights.csv', flightsCsv.replace('-4', '-5'))
  expect(await project.runDelays({ now: second })).toMatchObject({
    outcome: { appended: 1, restated: 1, late: 0, unchanged: 2 },
  })
  expect((await known(project)).filter((row) => row.startsWith('EWR'))).toEqual([
    'EWR 01-01T05:00 -4 01-01T05:00',
    'EWR 01-01T05:00 -5 02-02T00:00',
  ])
})

const fixed: ProjectChanges = {
  delays: { static: true, eventTime: undefined, availableAt: undefined },
  files: { 'features/delays.sql': 'SELECT origin, max(delay)::DOUBLE AS delay FROM flights GROUP BY origin' },
}

test('the first value of a static group was always known; a correction from its commit on', async () => {
  const project = new TemporaryProject(fixed)
  await project.run({ now: first })
  project.write('data/flights.csv', `${flightsCsv}JFK,2013-01-01T07:00:00Z,50\nLGA,2013-01-01T07:00:00Z,7\n`)
  expect(await project.runDelays({ now: second })).toMatchObject({ outcome: { appended: 2, restated: 1 } })
  const rows = await project.stored<Stored>()
  expect(rows.map(({ origin, delay, _available_at }) => [origin, delay, _available_at.slice(0, 10)])).toEqual([
    ['EWR', -4, '1900-01-01'],
    ['JFK', 10, '1900-01-01'],
    ['JFK', 50, '2013-02-02'],
    ['LGA', 7, '1900-01-01'],
  ])
})

test('a static value is known to an event of 1912', async () => {
  const project = new TemporaryProject(fixed)
  await project.run({ now: first })
  const at = new Date('1912-04-15T00:00:00Z')
  const { stored } = await getValues(await project.load(), { group: 'delays', key: { origin: 'EWR' }, at })
  expect(stored).toMatchObject({ origin: 'EWR', delay: -4 })
})
