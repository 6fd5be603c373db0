import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { check } from '../../src/operations/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { PumpProject } from '../training/pump-project.ts'

let pumps: PumpProject

beforeAll(() => {
  pumps = PumpProject.create()
})

test('a sound project has no problems, and checking it writes nothing into store or registry', async () => {
  const report = await check(await pumps.load())
  expect(report).toEqual({ sources: 4, groups: 4, models: 1, services: 1, problems: [], notChecked: [], warnings: [] })
  expect(existsSync(join(pumps.directory, 'store'))).toBe(false)
  expect(existsSync(join(pumps.directory, 'registry'))).toBe(false)
})

describe('everything wrong is reported at once', () => {
  const broken = () =>
    pumps
      .copy()
      .write('features/pump_readings.sql', 'select pump taken_at,\n from where')
      .write('features/pump_register.sql', 'select pump, kind, built from registr')
      .write('features/checks.sql', "copy (select 1) to 'somewhere.csv'")
      .write(
        'features/hour.ts',
        "import { readFileSync } from 'node:fs'\nexport default () => ({ hour: readFileSync })\n",
      )
      .write('training/failing_check.sql', 'select * from plan')

  test('SQL that does not parse, reads unknown tables or writes; a spine over a source; a module that reaches out', async () => {
    const { problems } = await check(await broken().load())
    expect(problems.map(({ code, place }) => [code, place])).toEqual([
      ['FTI_SQL_FAILED', 'features/pump_readings.sql:2'],
      ['FTI_SQL_UNKNOWN_TABLE', expect.stringContaining('features/pump_register.sql')],
      ['FTI_SQL_NOT_SELECT', 'features/checks.sql'],
      ['FTI_SPINE_REFUSED', 'training/failing_check.sql'],
      ['FTI_MODULE_INVALID', expect.stringContaining('features/hour.ts')],
    ])
    for (const { remedy } of problems) expect(remedy).toBeTruthy()
  })

  test('by the command as well, which ends with 2 whatever is wrong with the project', async () => {
    const result = await runCommand(['check', '--json'], { cwd: broken().directory })
    expect(result.exit).toBe(2)
    expect((result.json().data as { problems: unknown[] }).problems).toHaveLength(5)
  })
})

test('groups that read one another in a circle are named', async () => {
  const project = pumps
    .copy()
    .write(
      'features/checks.sql',
      "select check_id, 'north' as pump, 'south' as backup, 1.0::double as weight, planned_at from check_outcomes",
    )
    .write(
      'features/check_outcomes.sql',
      'select check_id, planned_at, planned_at as reported_at, true as failed from checks',
    )
  const { problems } = await check(await project.load())
  expect(problems).toHaveLength(1)
  expect(problems[0]).toMatchObject({ code: 'FTI_PROJECT_CYCLE' })
})

test('a spine over a group that nobody defines is an error that names the nearest', async () => {
  const project = pumps.copy().edit('training/failing_check.sql', 'from checks', 'from cheks')
  const { problems } = await check(await project.load())
  expect(problems).toMatchObject([{ code: 'FTI_SPINE_REFUSED', remedy: "did you mean 'checks'?" }])
})

test('checking executes none of the code', async () => {
  const project = pumps.copy().write('features/hour.ts', "throw new Error('ran')\nexport default () => ({ hour: 1 })\n")
  expect((await check(await project.load())).problems).toEqual([])
})

const problemsOf = async (project: PumpProject) => (await check(await project.load())).problems

describe('SQL is bound over the columns of what it reads, without a row', () => {
  test('a feature that was renamed in the project file alone is found, with the name before', async () => {
    const project = pumps
      .copy()
      .edit('fti.config.yaml', 'failed: { type: boolean }', 'broken: { type: boolean, renamedFrom: failed }')
    project.edit('fti.config.yaml', 'feature: failed }', 'feature: broken }')
    expect(await problemsOf(project)).toMatchObject([
      {
        code: 'FTI_SCHEMA_MISMATCH',
        exit: 2,
        place: expect.stringMatching(/fti\.config\.yaml:\d+:\d+$/),
        message: "feature group 'check_outcomes' declares broken, which features/check_outcomes.sql does not give",
        remedy: "did you mean 'failed'? write that in the project file, or give broken in features/check_outcomes.sql",
      },
    ])
  })

  test.each([
    ['eventTime: taken_at', 'eventTime: taken', "did you mean 'taken_at'?"],
    ['availableAt: reported_at', 'availableAt: reported', "did you mean 'reported_at'?"],
    ['check: { key: { check_id:', 'check: { key: { check_ids:', "did you mean 'check_id'?"],
  ])('instead of %j, %j is found where it is written', async (old, wrong, remedy) => {
    const project = pumps.copy().edit('fti.config.yaml', old, wrong)
    const [problem] = await problemsOf(project)
    const line =
      readFileSync(join(project.directory, 'fti.config.yaml'), 'utf8')
        .split('\n')
        .findIndex((text) => text.includes(wrong)) + 1
    expect(problem).toMatchObject({
      code: 'FTI_SCHEMA_MISMATCH',
      place: expect.stringContaining(`fti.config.yaml:${line}:`),
    })
    expect(problem?.remedy).toContain(remedy)
  })

  test('a type that the SQL does not give', async () => {
    const project = pumps
      .copy()
      .edit('fti.config.yaml', 'built: { type: int32 } }\n  checks', 'built: { type: string } }\n  checks')
    expect(await problemsOf(project)).toMatchObject([
      { message: 'pump_register.built is declared string, but features/pump_register.sql gives INTEGER' },
    ])
  })

  test('a column that no table has, with its line; also where the table is another group', async () => {
    const project = pumps
      .copy()
      .write('features/pump_readings.sql', 'select pump, taken_at,\n  presure as pressure, load\nfrom readings')
      .write(
        'features/check_outcomes.sql',
        'select check_id, planned_at, planned_at as reported_at, wait > 1 as failed\nfrom checks',
      )
    expect(await problemsOf(project)).toMatchObject([
      {
        code: 'FTI_SQL_UNKNOWN_COLUMN',
        place: 'features/pump_readings.sql:2',
        remedy: expect.stringContaining("did you mean 'pressure'?"),
      },
      { code: 'FTI_SQL_UNKNOWN_COLUMN', place: 'features/check_outcomes.sql:1' },
    ])
  })

  test('an expectation over a column that the group does not declare', async () => {
    const project = pumps
      .copy()
      .edit(
        'fti.config.yaml',
        'availableAfter: 10m',
        "availableAfter: 10m\n    expect: { rows: ['load >= 0', 'presure > 0'] }",
      )
    expect(await problemsOf(project)).toMatchObject([
      { code: 'FTI_SQL_FAILED', message: expect.stringContaining('presure') },
    ])
  })
})

describe('what binding cannot tell', () => {
  test.each([
    ['is not there', undefined, "source 'register' has no file: data/register.csv"],
    ['has no bytes', '', "source 'register' has no rows"],
    ['has a header and no row', 'pump,kind,built\n', "source 'register' has no rows"],
  ])('a group whose source %s is not checked, and that is said', async (_what, content, reason) => {
    const project = pumps
      .copy()
      .edit('fti.config.yaml', 'built: { type: int32 } }\n  checks', 'built: { type: string } }\n  checks')
    if (content === undefined) rmSync(join(project.directory, 'data/register.csv'))
    else project.write('data/register.csv', content)
    const report = await check(await project.load())
    expect(report).toMatchObject({ problems: [], notChecked: [{ group: 'pump_register', reason }] })
    const shown = await runCommand(['check'], { cwd: project.directory })
    expect(shown).toMatchObject({ exit: 0, stdout: expect.stringContaining(`not checked pump_register: ${reason}`) })
  })

  test('a source without a file is a warning with its place and what may be meant, also where no group reads it', async () => {
    const project = pumps
      .copy()
      .write('data/spare-1.csv', 'a\n1\n')
      .edit('fti.config.yaml', 'sources:', "sources:\n  spare: { type: csv, path: 'data/sparre*.csv' }")
    const { problems, warnings } = await check(await project.load())
    expect(problems).toEqual([])
    expect(warnings).toMatchObject([
      {
        code: 'FTI_SOURCE_MISSING',
        place: expect.stringMatching(/fti\.config\.yaml:\d+:\d+$/),
        message: "source 'spare' has no file: data/sparre*.csv",
        remedy: expect.stringContaining("did you mean 'data/spare-1.csv'?"),
      },
    ])
    const shown = await runCommand(['check'], { cwd: project.directory })
    expect(shown).toMatchObject({ exit: 0, stdout: expect.stringContaining("warning source 'spare' has no file") })
  })

  test('binding runs nothing', async () => {
    const project = pumps
      .copy()
      .write('features/pump_register.sql', "select pump, kind, built + error('ran')::int as built from register")
    expect(await problemsOf(project)).toEqual([])
  })
})
