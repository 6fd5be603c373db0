import { describe, expect, test } from 'vitest'
import { getValues, runQuery } from '../../../src/feature/index.ts'
import { openOnlineReader } from '../../../src/online/index.ts'
import { apply, makePlan } from '../../../src/operations/index.ts'
import { openGroup, readSnapshot, tablePath } from '../../../src/store/index.ts'
import { TemporaryProject } from '../temporary-project.ts'

const now = new Date('2013-01-08T00:00:00Z')
const header = 'origin,at,delay,gone\n'
const first = 'JFK,2013-01-01T05:00:00Z,2.5,false\nEWR,2013-01-01T05:00:00Z,-4,\n'
const sql = 'SELECT origin, "at", delay::DOUBLE AS delay, gone FROM flights'
const changes = {
  flights: { types: { gone: 'boolean' } },
  delays: { deleted: 'gone', features: { delay: { type: 'float64', nullable: false, range: [-60, 100] } } },
} as const

async function filled(more = ''): Promise<TemporaryProject> {
  const project = new TemporaryProject({
    ...changes,
    files: { 'features/delays.sql': sql, 'data/flights.csv': header + first },
  })
  await project.run({ now })
  if (more === '') return project
  project.write('data/flights.csv', header + first + more)
  await project.run({ now })
  return project
}

async function online(project: TemporaryProject, origin: string) {
  const reader = await openOnlineReader((await project.load()).online)
  const values = await reader.fetch(() => [{ group: 'delays', contractVersion: 1, keys: [[origin]] }])
  const found = values.get('delays', 1, [origin])
  await reader.close()
  return found?.values ?? null
}

test('a deletion is a row without values, whatever its source still has in them', async () => {
  const project = await filled('JFK,2013-01-02T05:00:00Z,999,true\n')
  expect(await project.stored()).toMatchObject([
    { origin: 'EWR', delay: -4, gone: false },
    { origin: 'JFK', delay: 2.5, gone: false },
    { origin: 'JFK', delay: null, gone: true },
  ])
})

test('who asks for a value is told whether the key was deleted, is known later, or is not stored at all', async () => {
  const project = await filled('JFK,2013-01-02T05:00:00Z,,true\n')
  const absence = async (origin: string, at: string) =>
    (await getValues(await project.load(), { group: 'delays', key: { origin }, at: new Date(at) })).absence
  expect(await absence('EWR', '2013-01-03T00:00Z')).toBeNull()
  expect(await absence('JFK', '2013-01-03T00:00Z')).toEqual({ why: 'deleted', knownFrom: null })
  const knownFrom = '2013-01-01T05:00:00.000Z'
  expect(await absence('JFK', '2013-01-01T00:00Z')).toEqual({ why: 'known later', knownFrom })
  expect(await absence('LGA', '2013-01-03T00:00Z')).toEqual({ why: 'not stored', knownFrom: null })
})

test('the online store drops the key, and has it again with the next value', async () => {
  const project = await filled()
  expect(await online(project, 'JFK')).toEqual([2.5])
  const deletion = 'JFK,2013-01-02T05:00:00Z,,true\n'
  project.write('data/flights.csv', header + first + deletion)
  await project.run({ now })
  expect(await online(project, 'JFK')).toBeNull()
  expect(await online(project, 'EWR')).toEqual([-4])
  project.write('data/flights.csv', `${header}${first}${deletion}JFK,2013-01-03T05:00:00Z,7,false\n`)
  await project.run({ now })
  expect(await online(project, 'JFK')).toEqual([7])
})

test('other SQL sees what is left under the name of the group, and the mark in its history', async () => {
  const project = await filled('JFK,2013-01-02T05:00:00Z,,true\n')
  const loaded = await project.load()
  const select = (from: string) => runQuery(loaded, { sql: `SELECT * FROM ${from}`, limit: 10 })
  expect(await select('delays')).toMatchObject({ columns: ['origin', 'at', 'delay'].map((name) => ({ name })) })
  expect((await select('delays')).rows).toHaveLength(2)
  expect((await select('delays__history')).rows.map((row) => row['gone'])).toEqual([false, false, true])
  const view = await openGroup(loaded.store, 'delays')
  expect(view.snapshot.schema.find(({ name }) => name === 'gone')).toMatchObject({ type: 'boolean', nullable: true })
})

test('a group that begins to mark deletions stores no row again, and its table takes up the column', async () => {
  const project = new TemporaryProject({ files: { 'data/flights.csv': header + first } })
  await project.run({ now })
  project.write('features/delays.sql', sql)
  project.configure({ ...changes, delays: { deleted: 'gone' } })
  const [plan] = (await makePlan(await project.load())).groups
  expect(plan).toMatchObject({ action: 'compatible' })
  expect((await project.runDelays({ now })).outcome).toMatchObject({ appended: 0, restated: 0, unchanged: 2 })
  const snapshot = await readSnapshot(tablePath((await project.load()).store, 'delays', 1))
  expect(snapshot?.schema.map(({ name }) => name)).toContain('gone')
})

test('a group that no longer marks deletions is another contract', async () => {
  const project = await filled()
  project.configure({ ...changes, delays: { features: changes.delays.features } })
  const plan = await makePlan(await project.load())
  expect(plan.groups[0]).toMatchObject({ action: 'breaking' })
  await apply(await project.load(), { by: 'test', now })
})

test('in a static group a key is gone from the commit of its deletion on', async () => {
  const project = new TemporaryProject({
    flights: changes.flights,
    delays: { static: true, deleted: 'gone', eventTime: undefined, availableAt: undefined },
    files: {
      'features/delays.sql': 'SELECT origin, delay::DOUBLE AS delay, gone FROM flights',
      'data/flights.csv': header + first,
    },
  })
  await project.run({ now: new Date('2013-01-05T00:00:00Z') })
  project.write('data/flights.csv', header + first.replace('2.5,false', '2.5,true'))
  await project.run({ now })
  expect(await online(project, 'JFK')).toBeNull()
  const last = (await project.stored<{ gone: boolean; _available_at: string }>()).at(-1)
  expect(last).toMatchObject({ gone: true })
  expect(Date.parse(last?._available_at ?? '')).toBeGreaterThanOrEqual(now.getTime())
})

test('the mark may not be a feature, a key or the event time', async () => {
  for (const deleted of ['delay', 'origin', 'at']) {
    const project = new TemporaryProject({ delays: { deleted } })
    await expect(project.load()).rejects.toMatchObject({ message: expect.stringContaining('deleted') })
  }
})

/** One value of each airport, of which the source always has all. */
const ofAll = {
  flights: changes.flights,
  delays: { static: true, deleted: 'gone', onMissing: 'delete', eventTime: undefined, availableAt: undefined },
} as const
const ofAllFiles = {
  'features/delays.sql': 'SELECT origin, delay::DOUBLE AS delay, gone FROM flights',
  'data/flights.csv': header + first,
}

test('with onMissing: delete, a key that the transform no longer gives is deleted, once, and can come back', async () => {
  const project = new TemporaryProject({ ...ofAll, files: ofAllFiles })
  await project.run({ now })
  const [jfk, ewr] = first.split('\n')
  project.write('data/flights.csv', `${header}${ewr}\n`)
  expect((await project.runDelays({ now })).outcome).toMatchObject({ appended: 1, restated: 1 })
  expect(await online(project, 'JFK')).toBeNull()
  expect(await online(project, 'EWR')).toEqual([-4])
  project.write('data/flights.csv', `${header}${ewr}\nLGA,2013-01-01T05:00:00Z,1,false\n`)
  expect((await project.runDelays({ now })).outcome).toMatchObject({ appended: 1, restated: 0 })
  project.write('data/flights.csv', `${header}${ewr}\n${jfk}\nLGA,2013-01-01T05:00:00Z,1,false\n`)
  expect((await project.runDelays({ now })).outcome).toMatchObject({ appended: 1, restated: 1 })
  expect(await online(project, 'JFK')).toEqual([2.5])
})

test('a refused row is no missing key', async () => {
  const features = { delay: { type: 'float64', range: [-60, 100] } }
  const delays = { ...ofAll.delays, features, onInvalid: 'quarantine' }
  const project = new TemporaryProject({ ...ofAll, delays, files: ofAllFiles })
  await project.run({ now })
  project.write('data/flights.csv', header + first.replace('2.5', '999'))
  expect((await project.runDelays({ now })).outcome).toMatchObject({ appended: 0, quarantined: 1 })
  expect(await online(project, 'JFK')).toEqual([2.5])
})

describe('with onMissing: delete and an event time', () => {
  const row = (origin: string, day: number) => `${origin},2013-01-0${day}T05:00:00Z,${day},false\n`
  const source = (...rows: string[]) => header + rows.join('')
  const all = [row('JFK', 1), row('EWR', 2), row('JFK', 3), row('EWR', 4)] as const
  const later = new Date('2013-01-09T00:00:00Z')

  async function filledWith(declared: object, ...rows: string[]): Promise<TemporaryProject> {
    const delays = { ...changes.delays, ...declared, onMissing: 'delete' }
    const files = { 'features/delays.sql': sql, 'data/flights.csv': source(...rows) }
    const project = new TemporaryProject({ ...changes, delays, files })
    await project.run({ now })
    return project
  }

  test('a key and event time that is missing is deleted, known from the commit on, once, and can come back', async () => {
    const project = await filledWith({}, ...all)
    project.write('data/flights.csv', source(all[0], all[1], all[3]))
    expect((await project.runDelays({ now: later })).outcome).toMatchObject({ appended: 1, restated: 1 })
    expect((await project.stored()).at(-1)).toMatchObject({
      origin: 'JFK',
      at: '2013-01-03T05:00:00.000Z',
      delay: null,
      gone: true,
      _available_at: later.toISOString(),
    })
    expect([await online(project, 'JFK'), await online(project, 'EWR')]).toEqual([null, [4]])
    project.write('data/flights.csv', source(all[0], all[1], all[3], row('EWR', 5)))
    expect((await project.runDelays({ now: later })).outcome).toMatchObject({ appended: 1, restated: 0 })
    project.write('data/flights.csv', source(...all, row('EWR', 5)))
    expect((await project.runDelays({ now: later })).outcome).toMatchObject({ appended: 1, restated: 1 })
    expect(await online(project, 'JFK')).toEqual([3])
  })

  test('a source that drops its oldest rows deletes nothing, and goes on deleting what it covers', async () => {
    const project = await filledWith({}, ...all)
    project.write('data/flights.csv', source(...all.slice(2)))
    expect((await project.runDelays({ now: later })).outcome).toMatchObject({ appended: 0 })
    project.write('data/flights.csv', source(all[2], row('EWR', 5)))
    expect((await project.runDelays({ now: later })).outcome).toMatchObject({ appended: 2, restated: 1 })
    expect((await project.stored()).filter((stored) => stored['gone'])).toMatchObject([
      { at: '2013-01-04T05:00:00.000Z' },
    ])
  })

  test('a source that lacks its newest rows deletes them when it has newer ones, and not before', async () => {
    const project = await filledWith({}, ...all)
    project.write('data/flights.csv', source(...all.slice(0, 3)))
    expect((await project.runDelays({ now: later })).outcome).toMatchObject({ appended: 0 })
    project.write('data/flights.csv', source(...all.slice(0, 3), row('JFK', 5)))
    expect((await project.runDelays({ now: later })).outcome).toMatchObject({ appended: 2, restated: 1 })
    expect(await online(project, 'EWR')).toBeNull()
  })

  test.each(['0000-01-01T00:00:00Z', '2999-01-01T00:00:00Z'])(
    'a refused row of the time %s does not stretch what the source covers',
    async (at) => {
      const project = await filledWith({ onInvalid: 'quarantine' }, ...all)
      project.write('data/flights.csv', source(all[1], all[2], `JFK,${at},1,false\n`))
      expect((await project.runDelays({ now: later })).outcome).toMatchObject({ appended: 0, quarantined: 1 })
    },
  )
})

test('onMissing: delete is refused where a group has no mark, or pushed rows', async () => {
  for (const delays of [{}, { static: true, eventTime: undefined, availableAt: undefined }]) {
    const project = new TemporaryProject({ delays: { ...delays, onMissing: 'delete' } })
    await expect(project.load()).rejects.toMatchObject({ message: expect.stringContaining('onMissing') })
  }
  const sources = { feed: { type: 'push', types: { origin: 'string', delay: 'float64', gone: 'boolean' } } }
  const files = { 'features/delays.sql': 'SELECT origin, delay, gone FROM feed' }
  const pushed = new TemporaryProject({ ...ofAll, sources, files })
  expect((await pushed.runDelays({ now })).error).toMatchObject({ code: 'FTI_GROUP_PARTIAL' })
})
