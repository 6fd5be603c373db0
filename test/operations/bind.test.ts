import { beforeAll, describe, expect, test } from 'vitest'
import { apply, check, makePlan } from '../../src/operations/index.ts'
import { TemporaryProject } from '../feature/temporary-project.ts'
import { PumpProject } from '../training/pump-project.ts'

const now = new Date('2013-01-07T00:00:00Z')

describe('the spine of a model is bound over the contracts of its groups', () => {
  let pumps: PumpProject
  beforeAll(() => {
    pumps = PumpProject.create()
  })

  test.each([
    [
      'select check_id, pump, backup, weight, planned_at,\n  planed_at - interval 1 hour as predict_at from checks',
      {
        place: 'training/failing_check.sql:2',
        message: "the spine reads column 'planed_at', which none of its feature groups has",
        remedy: "did you mean 'planned_at'?",
      },
    ],
    [
      'select check_id, pump, backup, weight, planned_at, planned_at as predicted_at from checks',
      { message: "the spine does not give the column 'predict_at'", remedy: "did you mean 'predicted_at'?" },
    ],
    [
      'select check_id, pump, backup, 1 as weight, planned_at, planned_at as predict_at from checks',
      { message: "the spine gives 'weight' as INTEGER, but float64 (DOUBLE) is declared" },
    ],
  ])('%j', async (sql, problem) => {
    const project = await pumps.copy().write('training/failing_check.sql', sql).load()
    const expected = [{ code: 'FTI_SPINE_REFUSED', exit: 2, place: 'training/failing_check.sql', ...problem }]
    expect((await check(project)).problems).toMatchObject(expected)
    expect((await makePlan(project)).problems).toMatchObject(expected)
    await expect(apply(project, { by: 'test', now })).rejects.toMatchObject({ code: 'FTI_PLAN_UNSOUND' })
  })

  test('a renamed feature is found in the spine that still reads the old name, before anything is run', async () => {
    const project = pumps
      .copy()
      .edit('fti.config.yaml', 'planned_at: { type: timestamp } }', 'due_at: { type: timestamp } }')
      .write('features/checks.sql', 'select check_id, pump, backup, weight, planned_at as due_at from plan')
      .write(
        'training/failing_check.sql',
        'select check_id, pump, backup, weight,\n  planned_at, planned_at as predict_at\nfrom checks',
      )
    expect((await check(await project.load())).problems).toMatchObject([
      { code: 'FTI_SPINE_REFUSED', place: 'training/failing_check.sql:2', data: { column: 'planned_at' } },
    ])
  })

  test('the statement is bound and not run', async () => {
    const sql = "select check_id, pump, backup, weight, planned_at, error('ran')::timestamptz as predict_at from checks"
    const project = await pumps.copy().write('training/failing_check.sql', sql).load()
    expect((await check(project)).problems).toEqual([])
  })
})

describe('SQL that feeds an older contract version is bound over the newest one', () => {
  const inSeconds = { features: { delay: { type: 'float64', unit: 's' } }, compat: { v1: 'features/delays_v1.sql' } }

  /** Version 1 is filled; the project file asks for version 2. */
  async function planned(feed: string): Promise<TemporaryProject> {
    const project = new TemporaryProject({ files: { 'features/delays_v1.sql': feed } })
    await project.run({ now })
    project.configure({ delays: inSeconds })
    project.write('features/delays.sql', 'SELECT origin, "at", delay::DOUBLE * 60 AS delay FROM flights')
    return project
  }

  test.each([
    [
      'SELECT origin, "at",\n  dely / 60 AS delay FROM delays',
      'FTI_SQL_UNKNOWN_COLUMN',
      { place: 'features/delays_v1.sql:2', remedy: expect.stringContaining("did you mean 'delay'?") },
    ],
    [
      'SELECT origin, "at", delay / 60 AS delays FROM delays',
      'FTI_SCHEMA_MISMATCH',
      {
        place: 'features/delays_v1.sql',
        message: 'delays v1 has delay, which features/delays_v1.sql does not give',
        remedy: "did you mean 'delays'? write: delays AS delay",
      },
    ],
    ['SELECT origin, "at", delay FROM flights', 'FTI_SQL_UNKNOWN_TABLE', { place: 'features/delays_v1.sql' }],
    [
      'SELECT origin, "at", delay::VARCHAR AS delay FROM delays',
      'FTI_SCHEMA_MISMATCH',
      { message: 'delays.delay is declared float64, but features/delays_v1.sql gives VARCHAR' },
    ],
  ])('%j', async (feed, code, problem) => {
    const project = await (await planned(feed)).load()
    const expected = [{ code, exit: 2, ...problem }]
    expect((await check(project)).problems).toMatchObject(expected)
    expect((await makePlan(project)).problems).toMatchObject(expected)
    await expect(apply(project, { by: 'test', now })).rejects.toMatchObject({ code: 'FTI_PLAN_UNSOUND' })
  })

  test('it need not give the mark of deletions, which it cannot see', async () => {
    const gone = { deleted: 'gone' }
    const feed = 'SELECT origin, "at", delay / 60 AS delay FROM delays'
    const sql = (factor: number) =>
      `SELECT origin, "at", delay::DOUBLE * ${factor} AS delay, false AS gone FROM flights`
    const project = new TemporaryProject({
      delays: gone,
      files: { 'features/delays_v1.sql': feed, 'features/delays.sql': sql(1) },
    })
    await project.run({ now })
    project.configure({ delays: { ...inSeconds, ...gone } })
    project.write('features/delays.sql', sql(60))
    expect((await check(await project.load())).problems).toEqual([])
  })
})
