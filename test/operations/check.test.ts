import { existsSync } from 'node:fs'
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
  expect(report).toEqual({ sources: 4, groups: 4, models: 1, services: 1, problems: [] })
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

  test('by the command as well, which ends with the exit code of the first', async () => {
    const result = await runCommand(['check', '--json'], { cwd: broken().directory })
    expect(result.exit).toBe(1)
    expect((result.json().data as { problems: unknown[] }).problems).toHaveLength(5)
  })
})

test('groups that read one another in a circle are named', async () => {
  const project = pumps
    .copy()
    .write(
      'features/checks.sql',
      'select check_id, pump, pump as backup, 1.0::double as weight, planned_at from check_outcomes',
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
