import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readContracts } from '../../../src/store/index.ts'
import { registerReader } from '../registered-reader.ts'
import { TemporaryProject } from '../temporary-project.ts'

const published = (project: TemporaryProject) => readContracts(join(project.folder, 'store'), 'delays')

test('a new nullable feature is taken up by the next run, under the same contract version', async () => {
  const project = new TemporaryProject()
  await project.run()
  project.configure({ delays: { features: { delay: 'float64', late: 'boolean' } } })
  project.write('features/delays.sql', 'SELECT origin, "at", delay::DOUBLE AS delay, delay > 5 AS late FROM flights')
  expect(await project.runDelays()).toMatchObject({
    status: 'committed',
    outcome: { contractVersion: 1, snapshot: 1, restated: 3 },
  })
  expect((await published(project)).map(({ version, class: kind }) => [version, kind])).toEqual([
    [1, 'first'],
    [1, 'compatible'],
  ])
  expect((await project.stored()).slice(-3)).toMatchObject([{ late: false }, { late: false }, { late: true }])
})

test('metadata alone changes the published contract and no row, and nothing is computed for it', async () => {
  const project = new TemporaryProject()
  await project.run()
  project.configure({
    delays: { owner: 'data-team', features: { delay: { type: 'float64', description: 'minutes' } } },
  })
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', outcome: { snapshot: 0, rows: 0 } })
  expect((await published(project)).at(-1)?.contract).toMatchObject({ owner: 'data-team' })
  expect(await project.history()).toHaveLength(1)
})

test('a compatible change of a run that fails is not published', async () => {
  const project = new TemporaryProject()
  await project.run()
  project.configure({ delays: { features: { delay: 'float64', late: 'boolean' } } })
  expect(await project.runDelays()).toMatchObject({ error: { code: 'FTI_SCHEMA_MISMATCH' } })
  expect(await published(project)).toHaveLength(1)
})

test.each([
  ['a dropped feature', { features: { late: 'boolean' } }, 'delay > 5 AS late', 'delay: dropped'],
  ['another type', { features: { delay: 'float32' } }, 'delay::FLOAT AS delay', 'delay: float64 -> float32'],
  [
    'another unit',
    { features: { delay: { type: 'float64', unit: 's' } } },
    'delay * 60.0 AS delay',
    'delay: unit none -> s',
  ],
  [
    'a renamed feature',
    { features: { wait: { type: 'float64', renamedFrom: 'delay' } } },
    'delay::DOUBLE AS wait',
    'wait: renamed from delay',
  ],
  ['another availability', { availableAt: undefined, availableAfter: '1h' }, 'delay::DOUBLE AS delay', 'availability:'],
])('%s is refused until it is applied, and nothing is written', async (_what, change, item, line) => {
  const project = new TemporaryProject()
  await project.run()
  project.configure({ delays: change })
  project.write('features/delays.sql', `SELECT origin, "at", ${item} FROM flights`)
  const { error } = await project.runDelays()
  expect(error).toMatchObject({
    code: 'FTI_CONTRACT_BREAKING',
    exit: 3,
    place: 'featureGroups.delays',
    remedy: expect.stringContaining('fti apply'),
  })
  expect(error?.detail).toContain(line)
  expect(await published(project)).toHaveLength(1)
})

test('the refusal names the models that read the group, with their tags', async () => {
  const project = new TemporaryProject()
  await project.run()
  await registerReader(join(project.folder, 'registry'), { group: 'delays', contractVersion: 1, pick: ['delay'] })
  project.configure({ delays: { features: { late: 'boolean' } } })
  project.write('features/delays.sql', 'SELECT origin, "at", delay > 5 AS late FROM flights')
  const { error } = await project.runDelays()
  expect(error?.detail).toContain('read by late_departure@1 (champion)')
  expect(error?.data).toMatchObject({ readers: ['late_departure@1 (champion)'] })
})

test('a breaking change that the SQL does not make is a mistake to correct, and nothing to apply', async () => {
  const project = new TemporaryProject()
  await project.run()
  project.configure({ delays: { eventTime: 'att' } })
  const { error } = await project.runDelays()
  expect(error).toMatchObject({
    code: 'FTI_SCHEMA_MISMATCH',
    place: expect.stringMatching(/fti\.config\.yaml:\d+:\d+$/),
  })
  expect(error?.remedy).toBe("did you mean 'at'? write that in the project file, or give att in features/delays.sql")
})

test('a breaking change is told from a mistake also while a source is away', async () => {
  const project = new TemporaryProject()
  await project.run()
  project.configure({ delays: { features: { delay: { type: 'float64', unit: 's' } } } })
  project.write('data/flights.csv', '')
  expect(await project.runDelays()).toMatchObject({ error: { code: 'FTI_CONTRACT_BREAKING' } })
})
