import { existsSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { silentReporter } from '../../src/base/index.ts'
import { type DueReport, type RunDueOptions, runDue } from '../../src/operations/index.ts'
import { acquireLock } from '../../src/runs/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { PumpProject } from '../training/pump-project.ts'

let fresh: PumpProject

beforeAll(() => {
  fresh = PumpProject.create()
  // Every quarter of an hour is in the file; once a day and without a schedule beside it.
  fresh.edit(
    'fti.config.yaml',
    'transform: features/checks.sql',
    "schedule: '0 2 * * *'\n    transform: features/checks.sql",
  )
  fresh.edit(
    'fti.config.yaml',
    'transform: features/check_outcomes.sql',
    "schedule: '*/15 * * * *'\n    transform: features/check_outcomes.sql",
  )
  fresh.edit('fti.config.yaml', 'split: { test', 'retrain: { newRows: 2 }\n    split: { test')
})

async function due(project: PumpProject, now: string, options: Partial<RunDueOptions> = {}): Promise<DueReport[]> {
  return runDue({
    project: await project.load(),
    now: new Date(now),
    by: 'test',
    command: 'fti run',
    ftiVersion: '0.0.0',
    reporter: silentReporter,
    ...options,
  })
}

const brief = (reports: readonly DueReport[]) => reports.map(({ pipeline, status }) => `${pipeline} ${status}`)
const of = (reports: readonly DueReport[], pipeline: string) => reports.find((report) => report.pipeline === pipeline)

describe('one project, called every few minutes', () => {
  let project: PumpProject

  beforeAll(async () => {
    project = fresh.copy()
    await project.runFeatures('pump_register')
  })

  test('the first call runs everything that has a schedule, groups first, and trains a model that has no version', async () => {
    const reports = await due(project, '2026-01-05T10:00:00Z')
    expect(brief(reports)).toEqual([
      'feature-pump_readings done',
      'feature-pump_register not due',
      'feature-checks done',
      'feature-check_outcomes done',
      'train-failing_check done',
    ])
    expect(of(reports, 'feature-pump_register')?.why).toBe('it has no schedule')
    expect(of(reports, 'feature-pump_readings')).toMatchObject({
      owner: 'data-team',
      why: 'schedule */15 * * * *',
      result: 'committed, snapshot 0',
    })
    expect(of(reports, 'train-failing_check')).toMatchObject({
      owner: 'ml-team',
      why: 'it was never trained',
      result: 'failing_check@1',
    })
  }, 60_000)

  test('a call five minutes later finds nothing due, and says of each why', async () => {
    const reports = await due(project, '2026-01-05T10:05:00Z')
    expect(new Set(reports.map(({ status }) => status))).toEqual(new Set(['not due']))
    expect(of(reports, 'feature-checks')?.why).toBe('schedule 0 2 * * *, last ran 2026-01-05T10:00:00.000Z')
    expect(of(reports, 'train-failing_check')?.why).toBe('it has no schedule; 0 new labels since version 1, limit 2')
  })

  test('after a quarter of an hour only what runs that often is due; without new data it does nothing', async () => {
    const reports = await due(project, '2026-01-05T10:20:00Z')
    expect(brief(reports.filter(({ status }) => status === 'done'))).toEqual([
      'feature-pump_readings done',
      'feature-check_outcomes done',
    ])
    expect(of(reports, 'feature-pump_readings')?.result).toBe('nothing to do, snapshot 0')
  })

  test('new labels fire the retraining in the same call', async () => {
    const late = (check: string) => `${check},2025-02-08T08:00:00Z,2025-02-08T10:00:00Z,true`
    project.edit('data/reports.csv', /$/, `\n${late('c394')}\n${late('c395')}`)
    const reports = await due(project, '2026-01-05T10:45:00Z')
    expect(of(reports, 'train-failing_check')).toMatchObject({
      status: 'done',
      why: '2 new labels since version 1, limit 2',
      result: expect.stringContaining('failing_check@2'),
    })
  }, 60_000)
})

test('a pipeline that fails stops no other, and is tried again as often as its owner says', async () => {
  const project = fresh.copy()
  project.edit(
    'fti.config.yaml',
    "schedule: '*/15 * * * *'",
    "schedule: '*/15 * * * *'\n    retry: { times: 2, backoff: 1ms }",
  )
  project.write('data/readings.csv', 'pump,taken_at,pressure\nnorth,2025-01-01T00:00:00Z,high\n')
  const warnings: string[] = []
  const reports = await due(project, '2026-01-05T10:00:00Z', {
    reporter: { ...silentReporter, warn: (text) => warnings.push(text) },
  })
  expect(brief(reports)).toEqual([
    'feature-pump_readings failed',
    'feature-pump_register not due',
    'feature-checks done',
    'feature-check_outcomes done',
    'train-failing_check failed',
  ])
  expect(of(reports, 'feature-pump_readings')?.error).toMatchObject({ code: expect.stringMatching(/^FTI_SOURCE_/) })
  expect(of(reports, 'train-failing_check')?.error).toMatchObject({ code: 'FTI_GROUP_NEVER_RUN' })
  expect(warnings).toHaveLength(2)
  expect(readdirSync(join(project.directory, '.fti/runs/feature-pump_readings'))).toHaveLength(3)
})

test('after a failed run the next call says that it failed, with which code, and when it is due again', async () => {
  const project = fresh.copy()
  project.edit(
    'fti.config.yaml',
    "schedule: '*/15 * * * *'",
    "schedule: '*/15 * * * *'\n    retry: { times: 1, backoff: 1ms }",
  )
  project.write('data/readings.csv', 'pump,taken_at,pressure\nnorth,2025-01-01T00:00:00Z,high\n')
  await due(project, '2026-01-05T10:00:00Z')
  const report = of(await due(project, '2026-01-05T10:05:00Z'), 'feature-pump_readings')
  expect(report?.status).toBe('not due')
  expect(report?.why).toMatch(
    /^the last run failed at 2026-01-05T10:00:\S+ \(FTI_SOURCE_\w+\); due again at 2026-01-05T10:15:00.000Z, /,
  )
  expect(report?.why).toMatch(/with up to 1 retries from 1ms on; see fti runs show \d{8}t/)
})

test('a registry that is gone fails the model and trains no first version again; the groups run all the same', async () => {
  const project = await fresh.copy().runFeatures('pump_register')
  expect(of(await due(project, '2026-01-05T10:00:00Z'), 'train-failing_check')?.status).toBe('done')
  renameSync(join(project.directory, 'registry'), join(project.directory, 'away'))
  const reports = await due(project, '2026-01-05T10:20:00Z')
  expect(of(reports, 'feature-pump_readings')?.status).toBe('done')
  expect(of(reports, 'train-failing_check')).toMatchObject({
    status: 'failed',
    error: { code: 'FTI_REGISTRY_UNREACHABLE' },
  })
  expect(existsSync(join(project.directory, 'registry'))).toBe(false)
}, 60_000)

test('a group whose SQL is broken stops neither the others nor the models', async () => {
  const project = fresh.copy().write('features/pump_register.sql', 'select from where')
  project.edit(
    'fti.config.yaml',
    'transform: features/pump_register.sql',
    "schedule: '*/15 * * * *'\n    transform: features/pump_register.sql",
  )
  const reports = await due(project, '2026-01-05T10:00:00Z')
  expect(brief(reports).slice(0, 4).sort()).toEqual([
    'feature-check_outcomes done',
    'feature-checks done',
    'feature-pump_readings done',
    'feature-pump_register failed',
  ])
})

test('a call that meets another one at work ends with 4 and names pid, command and start', async () => {
  const project = fresh.copy()
  const { state } = await project.load()
  const lock = await acquireLock(join(state, 'locks'), 'run', { command: 'fti run --of-yesterday' })
  try {
    const result = await runCommand(['run', '--json'], { cwd: project.directory })
    expect(result.exit).toBe(4)
    expect(result.json().error).toMatchObject({
      code: 'FTI_LOCKED',
      data: { pid: process.pid, command: 'fti run --of-yesterday', since: lock.holder.since },
    })
  } finally {
    await lock.release()
  }
})

test('a cancelled call starts nothing more', async () => {
  const project = fresh.copy()
  await expect(due(project, '2026-01-05T10:00:00Z', { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'FTI_INTERRUPTED',
  })
})
