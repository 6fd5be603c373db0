import { join } from 'node:path'
import { expect, test } from 'vitest'
import { check, makePlan } from '../../../src/operations/index.ts'
import { registerReader } from '../registered-reader.ts'
import { flightsCsv, type ProjectChanges, TemporaryProject } from '../temporary-project.ts'

/** Reads the same source, and no column that the tests take away. */
const counts = { entity: 'airport', static: true, transform: 'features/counts.sql', features: { flights: 'int64' } }
const changes: ProjectChanges = {
  groups: { counts },
  files: { 'features/counts.sql': 'SELECT origin, count(*) AS flights FROM flights GROUP BY origin' },
}

/** Run once, and read by a champion. */
async function served(): Promise<TemporaryProject> {
  const project = new TemporaryProject(changes)
  await project.run()
  await registerReader(join(project.folder, 'registry'), { group: 'delays', contractVersion: 1, pick: ['delay'] })
  return project
}

const renamed = flightsCsv.replace('origin,at,delay', 'origin,at,departure_delay')

test('a column that was renamed upstream stops its group alone, and names the new name, the models and their tags', async () => {
  const project = await served()
  project.write('data/flights.csv', renamed)
  const { delays, counts: others } = await project.run()
  expect(delays).toMatchObject({
    status: 'failed',
    error: {
      code: 'FTI_SQL_UNKNOWN_COLUMN',
      exit: 1,
      remedy: expect.stringContaining("did you mean 'departure_delay'?"),
      data: {
        sourceChanges: [{ source: 'flights', column: 'delay', change: 'renamed', to: 'departure_delay' }],
        readers: ['late_departure@1 (champion)'],
      },
    },
  })
  expect(delays?.error?.detail).toContain("- flights.delay is gone; 'departure_delay' is new in its place")
  expect(delays?.error?.detail).toContain('read by late_departure@1 (champion): delay')
  expect(others?.status).toBe('nothing to do')
  expect(await project.history()).toHaveLength(1)
})

test('a dropped column says that it is gone, and suggests no column that was there before', async () => {
  const project = await served()
  project.write('data/flights.csv', 'origin,at\nJFK,2013-01-01T05:00:00Z\n')
  const { error } = await project.runDelays()
  expect(error?.detail).toContain('- flights.delay is gone')
  expect(error?.data).toMatchObject({ sourceChanges: [{ column: 'delay', change: 'dropped' }] })
})

test('a column of another type that the contract cannot take stops the group with both types', async () => {
  const project = await served()
  project.write('features/delays.sql', 'SELECT origin, "at", delay FROM flights')
  expect((await project.runDelays()).status).not.toBe('failed')
  project.write('data/flights.csv', flightsCsv.replace('2.5', 'two and a half'))
  const { error } = await project.runDelays()
  expect(error).toMatchObject({ code: 'FTI_SCHEMA_MISMATCH', exit: 1 })
  expect(error?.detail).toContain('~ flights.delay is VARCHAR now')
})

test('a change of unit is seen as values out of range; nothing is committed, and the readers are named', async () => {
  const project = new TemporaryProject({ delays: { features: { delay: { type: 'float64', range: [-60, 100] } } } })
  await project.run()
  await registerReader(join(project.folder, 'registry'), { group: 'delays', contractVersion: 1, pick: ['delay'] })
  project.write('data/flights.csv', flightsCsv.replace(',10\n', ',600\n').replace(',2.5\n', ',150\n'))
  const { error } = await project.runDelays()
  expect(error).toMatchObject({ code: 'FTI_CONTRACT_VIOLATED', exit: 1 })
  expect(error?.detail).toMatch(/2 of 3 rows: delay is above 100.*\nread by late_departure@1 \(champion\): delay$/s)
  expect(await project.history()).toHaveLength(1)
})

test('a new column is told and stops nobody', async () => {
  const project = await served()
  project.write('data/flights.csv', 'origin,at,delay,gate\nJFK,2013-01-01T08:00:00Z,3.5,B4\n')
  expect(await project.runDelays()).toMatchObject({
    status: 'committed',
    outcome: { sourceChanges: [{ source: 'flights', column: 'gate', change: 'new', to: 'VARCHAR' }] },
  })
  project.write('data/flights.csv', 'origin,at,delay,gate\nJFK,2013-01-01T09:00:00Z,4.5,B4\n')
  expect(await project.runDelays()).toMatchObject({ status: 'committed', outcome: { sourceChanges: [] } })
})

test('a group that was skipped names its own readers', async () => {
  const project = new TemporaryProject({
    groups: { worst: { ...counts, transform: 'features/worst.sql', features: { worst: 'float64' } } },
    files: { 'features/worst.sql': 'SELECT origin, max(delay) AS worst FROM delays GROUP BY origin' },
  })
  await project.run()
  await registerReader(join(project.folder, 'registry'), { group: 'worst', contractVersion: 1, pick: ['worst'] })
  project.write('data/flights.csv', renamed)
  const { worst } = await project.run()
  expect(worst).toMatchObject({ status: 'skipped', error: { detail: 'read by late_departure@1 (champion): worst' } })
})

test('check and plan say the same of a rename upstream, before a run meets it', async () => {
  const project = await served()
  project.write('data/flights.csv', flightsCsv.replace('origin,at,delay', 'origin,at,minutes_late'))
  const loaded = await project.load()
  const { error } = await project.runDelays()
  for (const { problems } of [await check(loaded), await makePlan(loaded)]) {
    expect(problems).toMatchObject([{ code: 'FTI_SQL_UNKNOWN_COLUMN', place: error?.place, remedy: error?.remedy }])
    expect(problems[0]?.detail).toContain("- flights.delay is gone; 'minutes_late' is new in its place")
  }
})
