import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TransformPolicy } from '../../../src/contract/index.ts'
import { apply, makePlan, type TransformPolicies } from '../../../src/operations/index.ts'
import { latestContract } from '../../../src/store/index.ts'
import { flightsCsv, TemporaryProject } from '../temporary-project.ts'

const monday = new Date('2013-01-07T00:00:00Z')
const tuesday = new Date('2013-01-08T00:00:00Z')
const edited = 'SELECT origin, "at", delay::DOUBLE + 1 AS delay FROM flights'

/** Run on Monday; then the SQL is another one, and there is one more flight. */
async function editedProject(onTransformChange?: TransformPolicy, sql = edited): Promise<TemporaryProject> {
  const project = new TemporaryProject({ delays: { onTransformChange } })
  await project.run({ now: monday })
  project.write('features/delays.sql', sql)
  project.write('data/flights.csv', `${flightsCsv}EWR,2013-01-01T07:00:00Z,3\n`)
  return project
}

const planOf = async (project: TemporaryProject, policies?: TransformPolicies) =>
  makePlan(await project.load(), policies)
const published = (project: TemporaryProject) => latestContract(join(project.folder, 'store'), 'delays')
const delays = async (project: TemporaryProject) =>
  (await project.stored<{ delay: number }>()).map(({ delay }) => delay)

test('by default a run refuses it, and the plan makes it the next contract version, made again as a whole', async () => {
  const project = await editedProject()
  expect((await project.runDelays()).error).toMatchObject({
    code: 'FTI_TRANSFORM_CHANGED',
    exit: 3,
    remedy: expect.stringContaining('fti apply --restate delays'),
  })
  expect(await delays(project)).toEqual([-4, 2.5, 10])
  expect(await planOf(project)).toMatchObject({
    needsApproval: true,
    groups: [
      { action: 'breaking', to: 2, changes: [], transform: { change: 'breaking' }, table: 'v2', backfill: { rows: 3 } },
    ],
  })
  await apply(await project.load(), { by: 'test', now: tuesday })
  expect(await published(project)).toMatchObject({
    version: 2,
    class: 'breaking',
    transform: { change: 'breaking', sql: edited },
  })
  expect(await project.runDelays()).toMatchObject({ outcome: { contractVersion: 2, appended: 4 } })
  expect(await delays(project)).toEqual([-3, 3.5, 11, 4])
})

test('forward-only: stored rows keep their values, new ones get the new, also late ones and in every later run', async () => {
  const project = await editedProject('forwardOnly')
  expect((await planOf(project)).groups[0]).toMatchObject({
    action: 'compatible',
    to: 1,
    transform: { change: 'forwardOnly' },
  })
  expect(await project.runDelays({ now: tuesday })).toMatchObject({ outcome: { appended: 1, restated: 0 } })
  project.write('data/flights.csv', `${flightsCsv}EWR,2013-01-01T07:00:00Z,3\nLGA,2013-01-01T04:00:00Z,5\n`)
  await project.runDelays({ now: tuesday })
  expect(await delays(project)).toEqual([-4, 2.5, 10, 4, 6])
  expect((await published(project))?.transform).toMatchObject({ forwardFrom: '2013-01-01T06:00:00.000Z' })
})

test('restate: other values are corrections, known from the run on', async () => {
  const project = await editedProject('restate')
  expect(await project.runDelays({ now: tuesday })).toMatchObject({ outcome: { appended: 4, restated: 3 } })
  expect((await project.stored()).at(-1)).toMatchObject({ _committed_at: tuesday.toISOString() })
  expect((await published(project))?.transform?.change).toBe('restate')
})

test.each([
  { group: 'that goes over all rows', incremental: undefined },
  { group: 'with incremental', incremental: { column: 'at', lookback: '1h' } },
])(
  'restate ends an earlier forward-only, in a group $group: all stored rows are corrected',
  async ({ incremental }) => {
    const project = new TemporaryProject({ delays: { onTransformChange: undefined, incremental } })
    await project.run({ now: monday })
    project.write('features/delays.sql', edited)
    await apply(await project.load(), { by: 'test', now: monday, policies: { delays: 'forwardOnly' } })
    await project.run({ now: monday })
    expect(await delays(project)).toEqual([-4, 2.5, 10])
    project.write('features/delays.sql', edited.replace('+ 1', '+ 2'))
    await apply(await project.load(), { by: 'test', now: tuesday, policies: { delays: 'restate' } })
    expect((await published(project))?.transform).not.toHaveProperty('forwardFrom')
    expect(await project.runDelays({ now: tuesday })).toMatchObject({ outcome: { restated: 3 } })
    expect(await delays(project)).toEqual([-4, 2.5, 10, -2, 4.5, 12])
  },
)

test('a flag of the plan overrules the project file, and is part of what the id stands for', async () => {
  const project = await editedProject()
  const plain = await planOf(project)
  const restated = await planOf(project, { delays: 'restate' })
  expect(restated).toMatchObject({
    needsApproval: true,
    groups: [{ action: 'compatible', transform: { change: 'restate' } }],
  })
  expect(restated.id).not.toBe(plain.id)
  const options = { by: 'test', now: tuesday, id: restated.id }
  await expect(apply(await project.load(), options)).rejects.toMatchObject({ code: 'FTI_PLAN_OUTDATED', exit: 4 })
  await apply(await project.load(), { ...options, policies: { delays: 'restate' } })
  expect(await project.runDelays({ now: tuesday })).toMatchObject({ outcome: { contractVersion: 1, restated: 3 } })
})

test('a flag that names an unknown group is an error', async () => {
  const project = await editedProject()
  await expect(planOf(project, { delay: 'restate' })).rejects.toMatchObject({
    exit: 2,
    remedy: "did you mean 'delays'?",
  })
})

test('layout and comments are cosmetic: nothing to approve, nothing made again', async () => {
  const project = new TemporaryProject({ delays: { onTransformChange: undefined } })
  await project.run({ now: monday })
  project.write('features/delays.sql', '-- why\nselect origin, "at",\n delay::DOUBLE as delay from flights')
  expect((await planOf(project)).groups[0]).toMatchObject({ action: 'none', transform: { change: 'cosmetic' } })
  expect((await project.runDelays()).status).toBe('nothing to do')
})

test('one more column beside the others is additive, and taken up with its feature; one that changes another is not', async () => {
  const project = new TemporaryProject({ delays: { onTransformChange: undefined } })
  await project.run({ now: monday })
  const more = { onTransformChange: undefined, features: { delay: 'float64', late: 'boolean' } }
  project.configure({ delays: more })
  project.write(
    'features/delays.sql',
    'SELECT origin, "at", delay::DOUBLE + 1 AS delay, delay > 5 AS late FROM flights',
  )
  expect((await planOf(project)).groups[0]).toMatchObject({ action: 'breaking', transform: { change: 'breaking' } })
  project.write('features/delays.sql', 'SELECT origin, "at", delay::DOUBLE AS delay, delay > 5 AS late FROM flights')
  expect((await planOf(project)).groups[0]).toMatchObject({ action: 'compatible', transform: { change: 'additive' } })
  expect(await project.runDelays({ now: tuesday })).toMatchObject({ outcome: { contractVersion: 1, restated: 3 } })
})

test('an edit before the first rows is free', async () => {
  const project = new TemporaryProject({ delays: { onTransformChange: undefined } })
  await apply(await project.load(), { by: 'test', now: monday })
  project.write('features/delays.sql', edited)
  expect((await planOf(project)).needsApproval).toBe(false)
  expect((await project.runDelays()).status).toBe('committed')
})
