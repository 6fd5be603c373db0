import { beforeAll, describe, expect, test } from 'vitest'
import type { LeakCheck } from '../../src/training/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { PumpProject } from './pump-project.ts'

let pumps: PumpProject

beforeAll(async () => {
  pumps = await PumpProject.create().runFeatures()
}, 60_000)

async function check(project: PumpProject, exit: number, ...words: string[]): Promise<LeakCheck> {
  const result = await runCommand(['feature', 'leakcheck', '--json', ...words], { cwd: project.directory })
  expect(result.exit, result.stdout).toBe(exit)
  return result.json().data as LeakCheck
}

const spine = 'training/failing_check.sql'

test('an honest model has no problem; entities recur, labelled ones do not', async () => {
  const found = await check(pumps, 0)
  expect(found.problems).toEqual([])
  expect(found.scores[0]).toMatchObject({ column: 'pressure', shifted: null, isImplausible: false })
  expect(found.scores).toHaveLength(7)
  expect(found.availability).toEqual({
    rows: 390,
    afterLabel: 0,
    earliestMs: 0,
    groups: [
      { name: 'pump_readings', afterLabel: 0 },
      { name: 'pump_readings_backup', afterLabel: 0 },
      { name: 'pump_register', afterLabel: 0 },
    ],
  })
  expect(found.overlap).toEqual([
    { key: ['check_id'], isLabelled: true, entities: 85, shared: 0, rowShare: 0 },
    { key: ['pump'], isLabelled: false, entities: 4, shared: 4, rowShare: 1 },
    { key: ['backup'], isLabelled: false, entities: 4, shared: 4, rowShare: 1 },
  ])
})

test('it is shown with the dataset that a training finds again', async () => {
  const { exit, stdout } = await runCommand(['feature', 'leakcheck', 'failing_check'], { cwd: pumps.directory })
  expect(exit).toBe(0)
  expect(stdout).toMatch(/^pressure +0\.\d+ +-$/m)
  expect(stdout).toContain('ok nothing that knows the future was found')
  const { dataset } = await check(pumps, 0)
  const listed = await runCommand(['dataset', 'list'], { cwd: pumps.directory })
  expect(listed.stdout).toContain(dataset)
})

test('what is worth less when it comes later shows it', async () => {
  const { scores } = await check(pumps, 0, '--shift', '6h')
  const pressure = scores.find(({ column }) => column === 'pressure')
  expect(pressure?.score).toBeGreaterThan(0.8)
  expect(pressure?.shifted).toBeLessThan(0.7)
  expect(scores.find(({ column }) => column === 'hour')?.shifted).toBeNull()
})

describe('a model is told of', () => {
  test('a column that knows the label', async () => {
    const project = pumps
      .copy()
      .edit(spine, 'backup, weight, planned_at,', 'backup, failed::double AS weight, planned_at,')
    project.edit(spine, 'from checks', 'from checks join check_outcomes using (check_id, planned_at)')
    expect((await check(project, 1)).problems).toEqual(['weight alone scores 1.000: it probably knows the label'])
  })

  test('rows that ask when the label is known already, and values that came after it', async () => {
    const project = pumps.copy().edit(spine, 'planned_at - interval 1 hour', 'planned_at + interval 5 hour')
    const found = await check(project, 1)
    expect(found.availability).toMatchObject({ rows: 390, afterLabel: 390, earliestMs: 3 * 3_600_000 })
    expect(found.problems[0]).toBe(
      '390 of 390 rows ask for a prediction when the label is known already, up to 3h before',
    )
    expect(found.problems[1]).toMatch(
      /^\d+ of 390 rows take a value of pump_readings that became known after the label$/,
    )
  })

  test('labelled entities that are in train and in test', async () => {
    // The same check is asked about twice, ten days apart.
    const project = pumps.copy()
    project.write(
      spine,
      `select check_id, pump, backup, weight, planned_at, planned_at - ago as predict_at
       from checks, (values (interval 1 hour), (interval 10 day)) asked(ago)`,
    )
    const found = await check(project, 1)
    expect(found.problems).toEqual([expect.stringMatching(/^\d+ labelled check_id of test are in train too$/)])
    const { stdout } = await runCommand(['feature', 'leakcheck'], { cwd: project.directory })
    expect(stdout).toMatch(/^LEAK\? \d+ labelled check_id of test are in train too$/m)
  })
})

test.each([
  ['no_such_model', 'FTI_MODEL_UNDEFINED'],
  ['--shift 2', 'FTI_DURATION_INVALID'],
])('fti feature leakcheck %s is refused', async (line, code) => {
  const result = await runCommand(['feature', 'leakcheck', '--json', ...line.split(' ')], { cwd: pumps.directory })
  expect([result.exit, result.json().error?.['code']]).toEqual([2, code])
})
