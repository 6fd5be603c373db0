import { describe, expect, test } from 'vitest'
import type {
  GroupDescription,
  GroupFreshness,
  GroupProfile,
  GroupSummary,
  SnapshotDifference,
} from '../../../src/feature/index.ts'
import { runCommand } from '../../cli/run-command.ts'
import { PumpProject } from '../../training/pump-project.ts'
import { flightsCsv, TemporaryProject } from '../temporary-project.ts'

async function data<T>({ folder }: Pick<TemporaryProject, 'folder'>, ...words: string[]): Promise<T> {
  const result = await runCommand([...words, '--json'], { cwd: folder })
  expect(result.exit, result.stdout).toBe(0)
  return result.json().data as T
}

const page = async ({ folder }: TemporaryProject, ...words: string[]) =>
  (await runCommand(words, { cwd: folder })).stdout

test('fti feature show tells a group that nobody knows from one that has no rows yet', async () => {
  const project = new TemporaryProject()
  const error = async (group: string) =>
    (await runCommand(['feature', 'show', group, '--json'], { cwd: project.folder })).json().error
  expect(await error('nope')).toMatchObject({ code: 'FTI_GROUP_UNKNOWN', remedy: expect.stringContaining('delays') })
  expect(await error('delays')).toMatchObject({ code: 'FTI_GROUP_NEVER_RUN', remedy: 'run: fti feature run delays' })
})

describe('fti feature diff', () => {
  test('counts rows added, restated and removed, values changed per feature, and what became of the statistics', async () => {
    const project = new TemporaryProject()
    await project.run()
    project.write(
      'data/flights.csv',
      `${flightsCsv.replace('2.5', '').replace(',10', ',40')}LGA,2013-01-01T07:00:00Z,1\n`,
    )
    await project.run()
    const found = await data<SnapshotDifference>(project, 'feature', 'diff', 'delays@0', 'delays@1')
    expect(found).toMatchObject({
      from: { group: 'delays', contractVersion: 1, snapshot: 0 },
      to: { group: 'delays', contractVersion: 1, snapshot: 1 },
      added: 1,
      restated: 2,
      removed: 0,
    })
    expect(found.features).toMatchObject([{ name: 'delay', changed: 2, before: { nullShare: 0, distinct: 3 } }])
    expect(found.features[0]?.after.nullShare).toBeCloseTo(1 / 6)
    expect(found.features[0]?.shift).toBeGreaterThan(0)
    // The other way round what was added is missing.
    const back = await data<SnapshotDifference>(project, 'feature', 'diff', 'delays@1', 'delays@0')
    expect([back.added, back.restated, back.removed]).toEqual([0, 2, 1])
  })

  test('compares with the newest snapshot when only one is named', async () => {
    const project = new TemporaryProject()
    await project.run()
    const stdout = await page(project, 'feature', 'diff', 'delays')
    expect(stdout).toContain('delays@0 to delays@0\n0 values added, 0 restated, 0 removed')
    expect(stdout).toMatch(/^delay +0 +0 +0 +3 +3 +2\.833 +2\.833 +0\.00 sd$/m)
  })

  test.each([
    ['delays@0 weather@1', 'FTI_SNAPSHOTS_DIFFER'],
    ['delays@7', 'FTI_SNAPSHOT_UNKNOWN'],
    ['delays@0@1', 'FTI_REFERENCE_INVALID'],
  ])('%s is refused', async (line, code) => {
    const project = new TemporaryProject()
    await project.run()
    const result = await runCommand(['feature', 'diff', ...line.split(' '), '--json'], { cwd: project.folder })
    expect([result.exit, result.json().error?.['code']]).toEqual([2, code])
  })
})

test('fti feature profile prints range, quantiles, a histogram and the most frequent values', async () => {
  const project = new TemporaryProject({
    files: { 'features/delays.sql': `SELECT origin, "at", delay::DOUBLE AS delay, origin AS place FROM flights` },
    delays: { features: { delay: 'float64', place: 'string' } },
  })
  await project.run()
  const stdout = await page(project, 'feature', 'profile', 'delays')
  expect(stdout).toMatch(/^delays@0: 3 rows$/m)
  expect(stdout).toMatch(/^Range +-4 to 10$/m)
  expect(stdout).toMatch(/^Quantiles +5 % -3\.35, 25 % -0\.75, median 2\.5, 75 % 6\.25, 95 % 9\.25$/m)
  expect(stdout).toMatch(/^█▁+█▁+█$/m)
  expect(stdout).toMatch(/^JFK +█+ +2$/m)
  const { profile } = await data<GroupProfile>(project, 'feature', 'profile', 'delays@0')
  expect(profile.columns.map(({ name, count, nulls, distinct }) => [name, count, nulls, distinct])).toEqual([
    ['delay', 3, 0, 3],
    ['place', 3, 0, 2],
  ])
})

describe('fti feature freshness', () => {
  const delays = { owner: 'data-team', freshness: { warn: '2h', error: '6h' } }
  const later = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()

  test.each([
    [1, 'fresh', 0],
    [3, 'warn', 0],
    [7, 'error', 1],
  ])('%i hours after its newest rows a group is %s', async (hours, state, exit) => {
    const project = new TemporaryProject({ delays })
    await project.run()
    const words = ['feature', 'freshness', '--now', later(hours)]
    const result = await runCommand([...words, '--json'], { cwd: project.folder })
    const [group] = (result.json().data as { groups: GroupFreshness[] }).groups
    expect([result.exit, group?.state]).toEqual([exit, state])
    expect(group).toMatchObject({ owner: 'data-team', newestEvent: '2013-01-01T06:00:00.000Z', warnMs: 7_200_000 })
    expect(await page(project, ...words)).toMatch(new RegExp(`^delays +data-team +${state} +${hours}h`, 'm'))
  })

  test('a group that was never committed breaks its promise; one without a promise breaks none', async () => {
    const promised = new TemporaryProject({ delays })
    expect((await runCommand(['feature', 'freshness'], { cwd: promised.folder })).exit).toBe(1)
    const free = new TemporaryProject()
    const { exit, stdout } = await runCommand(['feature', 'freshness'], { cwd: free.folder })
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/^delays .*no objective/m)])
  })

  test('is in the list and in the description of a group', async () => {
    const project = new TemporaryProject({ delays })
    await project.run()
    const { groups } = await data<{ groups: GroupSummary[] }>(project, 'feature', 'list')
    expect(groups[0]?.freshness.state).toBe('fresh')
    expect(await page(project, 'feature', 'list')).toMatch(/^delays +data-team .* fresh \d+/m)
    expect(await page(project, 'feature', 'show', 'delays')).toMatch(
      /^Freshness +fresh: new rows .* ago, warns after 2h, error after 6h$/m,
    )
  })
})

test('fti feature show names what a group is made from, and every group, model and tag that reads it', async () => {
  const pumps = PumpProject.create()
  pumps.edit(
    'fti.config.yaml',
    'models:\n',
    `  pump_hours:
    entity: pump
    transform: features/pump_hours.sql
    eventTime: taken_at
    availableAfter: 10m
    features: { hour: { type: int64 } }
models:
`,
  )
  pumps.write('features/pump_hours.sql', 'select pump, taken_at, hour(taken_at) as hour from pump_readings')
  await pumps.runFeatures()
  await pumps.train()
  await runCommand(['registry', 'promote', 'failing_check@1'], { cwd: pumps.directory })
  const { lineage } = await data<GroupDescription>({ folder: pumps.directory }, 'feature', 'show', 'pump_readings')
  expect(lineage).toMatchObject({
    sources: ['readings'],
    groups: [],
    readByGroups: ['pump_hours'],
    readByModels: ['failing_check'],
    readByVersions: [{ model: 'failing_check', version: 1, tags: ['champion'], features: ['pressure', 'load'] }],
  })
  const made = await data<GroupDescription>({ folder: pumps.directory }, 'feature', 'show', 'pump_hours')
  expect(made.lineage).toMatchObject({ sources: [], groups: ['pump_readings'], readByModels: [], readByVersions: [] })
  const { stdout } = await runCommand(['feature', 'show', 'pump_readings'], { cwd: pumps.directory })
  expect(stdout).toMatch(/^Made from +readings$/m)
  expect(stdout).toMatch(/^Serving +failing_check@1 \(champion\)$/m)
}, 60_000)
