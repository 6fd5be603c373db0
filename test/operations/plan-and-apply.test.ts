import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { apply, makePlan } from '../../src/operations/index.ts'
import { moveTag } from '../../src/registry/index.ts'
import { openGroup, readContracts } from '../../src/store/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { PumpProject } from '../training/pump-project.ts'

let fresh: PumpProject
/** Run, trained, version 1 is champion. */
let pumps: PumpProject

beforeAll(async () => {
  fresh = PumpProject.create()
  pumps = await fresh.copy().runFeatures()
  await pumps.train({ epochs: 1 })
  const { registry } = await pumps.load()
  await moveTag(registry, 'failing_check', { tag: 'champion', to: 1, by: 'test', now: new Date() })
}, 60_000)

const wider = (project: PumpProject) =>
  project.edit(
    'fti.config.yaml',
    'load: { type: int32 } }\n    maxAge',
    'load: { type: int32 }, note: { type: string } }\n    maxAge',
  )

/** In the project file alone. */
const misnamed = (project: PumpProject) => project.edit('fti.config.yaml', 'eventTime: taken_at', 'eventTime: taken')

const breaking = (project: PumpProject) =>
  project
    .edit(
      'fti.config.yaml',
      'features: { pressure: { type: float64 }',
      'features: { pressure: { type: float64, unit: bar }',
    )
    .edit('features/pump_readings.sql', 'pressure,', 'pressure / 10 as pressure,')

const planOf = async (project: PumpProject) => makePlan(await project.load())
const applying = { by: 'test', now: new Date('2026-01-01T00:00:00Z') }

describe('a plan', () => {
  test('of a new project creates every group', async () => {
    const plan = await planOf(fresh)
    expect(plan.needsApproval).toBe(false)
    expect(plan.groups.map(({ group, action, from, to }) => [group, action, from, to])).toEqual([
      ['pump_readings', 'create', null, 1],
      ['pump_register', 'create', null, 1],
      ['checks', 'create', null, 1],
      ['check_outcomes', 'create', null, 1],
    ])
  })

  test('of an unchanged project changes nothing', async () => {
    const plan = await planOf(pumps)
    expect(plan.groups.map(({ action }) => action)).toEqual(['none', 'none', 'none', 'none'])
  })
})

describe('a plan of a changed project', () => {
  test('calls a new nullable feature compatible', async () => {
    const { groups, needsApproval } = await planOf(wider(pumps.copy()))
    expect(needsApproval).toBe(false)
    expect(groups[0]).toMatchObject({
      action: 'compatible',
      from: 1,
      to: 1,
      changes: [{ class: 'compatible', subject: 'note', what: 'new, nullable' }],
    })
  })

  test('calls a change of unit breaking, and names rows, readers and their tags', async () => {
    const { groups, needsApproval } = await planOf(breaking(pumps.copy()))
    expect(needsApproval).toBe(true)
    expect(groups[0]).toMatchObject({
      action: 'breaking',
      from: 1,
      to: 2,
      rows: 1920,
      changes: [{ class: 'breaking', subject: 'pressure', what: 'unit none -> bar' }],
      readers: [{ model: 'failing_check', version: 1, tags: ['champion'], features: ['pressure', 'load'] }],
    })
  })

  test('says which table is made, how many rows go into it and how long that took before', async () => {
    const [readings, register] = (await planOf(breaking(pumps.copy()))).groups
    expect(readings).toMatchObject({ table: 'v2', backfill: { rows: 1920, seconds: expect.any(Number) } })
    expect(readings?.backfill?.seconds).toBeGreaterThan(0)
    expect(readings?.online).toEqual({ keeps: [1], adds: 2 })
    expect(register).toMatchObject({ table: null, backfill: null, online: { keeps: [1], adds: null } })
  })

  test('says from when a model that serves would see nulls, unless something feeds what it reads', async () => {
    const project = breaking(pumps.copy())
    const [starving] = (await planOf(project)).groups
    expect(starving?.older).toMatchObject([
      { version: 1, fedBy: null, readers: [{ model: 'failing_check', tags: ['champion'] }] },
    ])
    const { lastValueAt, nullsFrom } = starving?.older[0] ?? {}
    expect(Date.parse(nullsFrom ?? '') - Date.parse(lastValueAt ?? '')).toBe(86_400_000)
    project.edit('fti.config.yaml', 'maxAge: 1d', 'compat: { v1: features/readings_v1.sql }\n    maxAge: 1d')
    expect((await planOf(project)).groups[0]?.older).toMatchObject([
      { version: 1, fedBy: 'features/readings_v1.sql', nullsFrom: null },
    ])
  })

  test('on a machine that never ran the group knows the rows and no time', async () => {
    const project = breaking(pumps.copy())
    rmSync(join(project.directory, '.fti'), { recursive: true })
    expect((await planOf(project)).groups[0]?.backfill).toEqual({ rows: 1920, seconds: null })
  })

  test('after apply and before the run still says what has to be filled', async () => {
    const project = breaking(pumps.copy())
    await apply(await project.load(), applying)
    const plan = await planOf(project)
    expect(plan.pending).toBe(false)
    expect(plan.groups[0]).toMatchObject({ action: 'none', from: 2, to: 2, table: 'v2', backfill: { rows: 1920 } })
  })

  test('names the training datasets that a new training would not make again', async () => {
    expect((await planOf(pumps)).datasets).toEqual([])
    expect((await planOf(breaking(pumps.copy()))).datasets).toMatchObject([
      { model: 'failing_check', because: ['pump_readings v1 -> v2'] },
    ])
  })

  test('of metadata alone makes no row again', async () => {
    const project = pumps.copy().edit('fti.config.yaml', 'maxAge: 1d', 'maxAge: 2d')
    const plan = await planOf(project)
    expect(plan.groups[0]).toMatchObject({ action: 'compatible', table: null, backfill: null })
  })

  test('loses its id when a tag moves, for then other models are affected', async () => {
    const project = breaking(pumps.copy())
    const { id } = await planOf(project)
    const { registry } = await project.load()
    await moveTag(registry, 'failing_check', { tag: 'shadow', to: 1, by: 'test', now: new Date() })
    expect((await planOf(project)).id).not.toBe(id)
  })

  test('keeps its id while rows come in, and loses it when a decision changes', async () => {
    const project = breaking(pumps.copy())
    const { id } = await planOf(project)
    project.edit('data/reports.csv', /$/, '\nc395,2025-02-08T08:00:00Z,2025-02-08T10:00:00Z,true')
    await project.runFeatures('check_outcomes')
    expect((await planOf(project)).id).toBe(id)
    expect((await planOf(wider(project))).id).not.toBe(id)
  })
})

describe('applying', () => {
  test('a breaking change makes the next contract version; the old table stays readable', async () => {
    const project = breaking(pumps.copy())
    const loaded = await project.load()
    const { published } = await apply(loaded, { ...applying, why: 'bar, not decibar' })
    expect(published).toMatchObject([{ version: 2, class: 'breaking', by: 'test', why: 'bar, not decibar' }])
    await project.runFeatures('pump_readings')
    const old = await openGroup(loaded.store, 'pump_readings', { contractVersion: 1 })
    const now = await openGroup(loaded.store, 'pump_readings')
    expect(old.snapshot.rows).toBe(1920)
    expect(now.reference).toEqual({ group: 'pump_readings', contractVersion: 2, snapshot: 0 })
    const engine = await project.engine()
    const [of1] = await engine.rows<{ mean: number }>(`SELECT avg(pressure) AS mean FROM (${old.raw})`)
    const [of2] = await engine.rows<{ mean: number }>(`SELECT avg(pressure) AS mean FROM (${now.raw})`)
    expect(of2?.mean).toBeCloseTo((of1?.mean ?? 0) / 10)
    expect((await planOf(project)).groups[0]?.action).toBe('none')
  })

  test('a model that was trained on the old version still proves its parity on it', async () => {
    const project = breaking(pumps.copy())
    await apply(await project.load(), applying)
    await project.runFeatures('pump_readings')
    expect((await runCommand(['parity', 'failing_check@champion'], { cwd: project.directory })).exit).toBe(0)
  })

  test('the plan that was shown does just that plan', async () => {
    const project = breaking(pumps.copy())
    const { id } = await planOf(project)
    const { plan } = await apply(await project.load(), { ...applying, id })
    expect(plan.id).toBe(id)
  })

  test('a plan that is no longer the plan is refused, and nothing is published', async () => {
    const project = breaking(pumps.copy())
    const { id } = await planOf(project)
    wider(project)
    const loaded = await project.load()
    await expect(apply(loaded, { ...applying, id })).rejects.toMatchObject({ code: 'FTI_PLAN_OUTDATED', exit: 4 })
    expect(await readContracts(loaded.store, 'pump_readings')).toHaveLength(1)
  })

  test('when nothing has changed publishes nothing', async () => {
    expect((await apply(await pumps.load(), applying)).published).toEqual([])
  })
})

describe('a plan whose SQL does not give what is declared', () => {
  test('shows what is wrong, and advises no apply', async () => {
    const project = misnamed(pumps.copy())
    const { exit, stdout } = await runCommand(['plan'], { cwd: project.directory })
    expect(exit).toBe(2)
    expect(stdout).toContain("did you mean 'taken_at'?")
    expect(stdout).toContain('Correct this first; then look again with: fti plan')
    expect(stdout).not.toContain('fti apply')
  })

  test('is not applied, and nothing is published', async () => {
    const project = misnamed(pumps.copy())
    const loaded = await project.load()
    await expect(apply(loaded, applying)).rejects.toMatchObject({ code: 'FTI_PLAN_UNSOUND', exit: 2 })
    expect(await readContracts(loaded.store, 'pump_readings')).toHaveLength(1)
  })
})

describe('on the command line', () => {
  test.each(['nonsense', 'pump_readings', 'DEADBEEF', ''])(
    '%j is no plan id, and apply says what one is',
    async (id) => {
      const result = await runCommand(['apply', id, '--json'], { cwd: pumps.directory })
      expect(result.exit).toBe(2)
      expect(result.json().error).toMatchObject({
        code: 'FTI_PLAN_ID_INVALID',
        message: expect.stringContaining('eight digits'),
        remedy: expect.stringContaining('fti apply'),
      })
    },
  )

  test('a breaking change is refused by the run, shown by the plan, taken up after apply', async () => {
    const project = breaking(pumps.copy())
    const cwd = project.directory
    const refused = await runCommand(['feature', 'run', 'pump_readings', '--json'], { cwd })
    expect(refused.exit).toBe(3)
    expect(refused.stdout).toContain('failing_check@1 (champion)')
    const plan = await runCommand(['plan', '--exit-code'], { cwd })
    expect(plan.exit).toBe(3)
    expect(plan.stdout).toMatch(/table v2 is created by the next run: 1,920 rows, about /)
    expect(plan.stdout).toMatch(/! pump_readings {2}v1 -> v2 {2}breaking/)
    expect(plan.stdout).toContain('read by failing_check@1 (champion): pressure, load')
    const [, id = ''] = /Apply with: fti apply (\w+)/.exec(plan.stdout) ?? []
    expect((await runCommand(['apply', id, '--why', 'bar'], { cwd })).stdout).toContain('pump_readings v2  breaking')
    expect((await runCommand(['feature', 'run', 'pump_readings'], { cwd })).exit).toBe(0)
    expect((await runCommand(['plan', '--exit-code'], { cwd })).exit).toBe(0)
  })

  test('an outdated id ends with 4 and says how to look again', async () => {
    const result = await runCommand(['apply', 'deadbeef', '--json'], { cwd: pumps.directory })
    expect(result.exit).toBe(4)
    expect(result.json().error).toMatchObject({
      code: 'FTI_PLAN_OUTDATED',
      remedy: 'look again with fti plan and the same flags: each decision is a part of the plan',
    })
  })
})
