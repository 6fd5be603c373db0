import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentReporter } from '../../../src/base/index.ts'
import { acquireLock, lastRun } from '../../../src/runs/index.ts'
import { latestContract } from '../../../src/store/index.ts'
import { flightsCsv, TemporaryProject } from '../temporary-project.ts'

/** `worst` reads `delays`; it stands before it in the file. */
const worst = {
  entity: 'airport',
  static: true,
  transform: 'features/worst.sql',
  features: { worst_delay: 'float64' },
}
const worstSql = 'SELECT origin, max(delay) AS worst_delay FROM delays GROUP BY origin'

/** A group that reads `flights` on its own. */
const counts = { entity: 'airport', static: true, transform: 'features/counts.sql', features: { flights: 'int64' } }
const countsSql = 'SELECT origin, count(*) AS flights FROM flights GROUP BY origin'

test('the first run publishes contract 1 and commits snapshot 0', async () => {
  const project = new TemporaryProject()
  const report = await project.runDelays()
  expect(report).toMatchObject({
    status: 'committed',
    outcome: { contractVersion: 1, snapshot: 0, rows: 3, appended: 3, late: 0, restated: 0, quarantined: 0 },
  })
  expect(await project.stored()).toMatchObject([
    { origin: 'EWR', at: '2013-01-01T05:00:00.000Z', delay: -4, _available_at: '2013-01-01T05:00:00.000Z' },
    { origin: 'JFK', at: '2013-01-01T05:00:00.000Z', delay: 2.5 },
    { origin: 'JFK', at: '2013-01-01T06:00:00.000Z', delay: 10 },
  ])
})

test('the same input and code again: nothing to do, and no new snapshot', async () => {
  const project = new TemporaryProject()
  await project.run()
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', outcome: { snapshot: 0 } })
  expect(await project.history()).toHaveLength(1)
})

test('comments and layout of the SQL are no change; another value is', async () => {
  const project = new TemporaryProject()
  await project.run()
  project.write('features/delays.sql', '-- why\nselect origin, "at",\n  delay::DOUBLE as delay\nfrom flights; -- end\n')
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', outcome: { rows: 0 } })
  project.write('features/delays.sql', 'SELECT origin, "at", delay::DOUBLE + 1 AS delay FROM flights')
  expect(await project.runDelays()).toMatchObject({ status: 'committed', outcome: { restated: 3 } })
})

test('new rows are appended to those of before', async () => {
  const project = new TemporaryProject()
  await project.run()
  project.write('data/flights.csv', `${flightsCsv}EWR,2013-01-01T07:00:00Z,0\n`)
  expect(await project.runDelays()).toMatchObject({
    status: 'committed',
    outcome: { snapshot: 1, appended: 1, unchanged: 3 },
  })
})

test('an input that gives the stored rows is compared once, and not again by the run after that', async () => {
  const project = new TemporaryProject()
  await project.run()
  const [header, ...lines] = flightsCsv.trim().split('\n')
  project.write('data/flights.csv', `${[header, ...lines.reverse()].join('\n')}\n`)
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', outcome: { rows: 3, unchanged: 3 } })
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', outcome: { rows: 0 } })
  expect(await project.history()).toHaveLength(1)
})

test('the same files in another folder are the same input', async () => {
  const digests = []
  for (const project of [new TemporaryProject(), new TemporaryProject()])
    digests.push((await project.runDelays()).outcome?.inputDigest)
  expect(digests[0]).toBe(digests[1])
})

test('groups run in the order of what they read, whatever the order of the file', async () => {
  const project = new TemporaryProject({ groups: { worst }, files: { 'features/worst.sql': worstSql } })
  expect(Object.keys(await project.run())).toEqual(['delays', 'worst'])
  expect(await project.stored('worst')).toMatchObject([
    { origin: 'EWR', worst_delay: -4 },
    { origin: 'JFK', worst_delay: 10 },
  ])
})

test('a new snapshot of a group is new input to those that read it', async () => {
  const project = new TemporaryProject({ groups: { worst }, files: { 'features/worst.sql': worstSql } })
  await project.run()
  project.write('data/flights.csv', `${flightsCsv}EWR,2013-01-01T07:00:00Z,99\n`)
  expect(await project.run()).toMatchObject({ worst: { status: 'committed', outcome: { restated: 1 } } })
})

test('a group that fails stops those that read it, and no other', async () => {
  const files = { 'features/worst.sql': worstSql, 'features/counts.sql': countsSql }
  const project = new TemporaryProject({ groups: { worst, counts }, files })
  project.write('features/delays.sql', 'SELECT origin, "at", CAST(origin AS DOUBLE) AS delay FROM flights')
  expect(await project.run()).toMatchObject({
    delays: { status: 'failed', error: { code: 'FTI_SQL_FAILED' } },
    worst: { status: 'skipped', error: { code: 'FTI_UPSTREAM_FAILED', place: 'featureGroups.worst' } },
    counts: { status: 'committed' },
  })
})

test.each([
  ['SELECT 1; SELECT 2', 'FTI_SQL_NOT_SELECT'],
  ['SELECT FROM WHERE', 'FTI_SQL_FAILED'],
  ['SELECT * FROM nowhere', 'FTI_SQL_UNKNOWN_TABLE'],
  [undefined, 'FTI_TRANSFORM_MISSING'],
])('SQL that cannot be understood (%s) fails its own group alone', async (sql, code) => {
  const files = { 'features/counts.sql': countsSql, 'features/delays.sql': sql }
  const project = new TemporaryProject({ groups: { counts }, files })
  expect(await project.run()).toMatchObject({
    delays: { error: { code, exit: code === 'FTI_SQL_FAILED' ? 1 : 2 } },
    counts: { status: 'committed' },
  })
})

test('only the named groups run, on what those that they read have committed', async () => {
  const project = new TemporaryProject({ groups: { worst }, files: { 'features/worst.sql': worstSql } })
  expect(await project.run({ groups: ['worst'] })).toMatchObject({ worst: { error: { code: 'FTI_GROUP_NEVER_RUN' } } })
  await project.run()
  expect(Object.keys(await project.run({ groups: ['worst'] }))).toEqual(['worst'])
})

test('an unknown name is refused with the nearest one', async () => {
  const project = new TemporaryProject()
  await expect(project.run({ groups: ['delay'] })).rejects.toMatchObject({
    code: 'FTI_GROUP_UNKNOWN',
    exit: 2,
    remedy: "did you mean 'delays'?",
  })
})

test('a circle of groups is refused before anything runs', async () => {
  const project = new TemporaryProject({ groups: { worst }, files: { 'features/worst.sql': worstSql } })
  project.write('features/delays.sql', 'SELECT origin, now() AS "at", worst_delay AS delay FROM worst')
  await expect(project.run()).rejects.toMatchObject({ code: 'FTI_PROJECT_CYCLE', exit: 2 })
})

test('every run leaves a record with what it made, or with its error', async () => {
  const project = new TemporaryProject()
  await project.run()
  const state = join(project.folder, '.fti')
  expect(await lastRun(state, 'feature-delays')).toMatchObject({
    status: 'done',
    outputs: { snapshot: 0, appended: 3 },
  })
  project.write('data/flights.csv', 'origin,at,delay\n')
  await project.run()
  expect(await lastRun(state, 'feature-delays')).toMatchObject({
    status: 'failed',
    error: { code: 'FTI_SOURCE_EMPTY' },
  })
})

test('a profile that a dead run has not written is written by the next one, which has nothing else to do', async () => {
  const project = new TemporaryProject()
  await project.run()
  const profiles = join(project.folder, 'store/_profiles/delays/v1')
  const profile = project.read('store/_profiles/delays/v1/0.json')
  rmSync(join(profiles, '0.json'))
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do' })
  expect(readdirSync(profiles)).toEqual(['0.json'])
  expect(project.read('store/_profiles/delays/v1/0.json')).toBe(profile)
})

test('a first run that fails publishes no contract, so the declaration may still change', async () => {
  const project = new TemporaryProject({ delays: { features: { delay: 'int32' } } })
  expect(await project.runDelays()).toMatchObject({ error: { code: 'FTI_SCHEMA_MISMATCH' } })
  expect(await latestContract(join(project.folder, 'store'), 'delays')).toBeUndefined()
  project.configure({})
  expect(await project.runDelays()).toMatchObject({ status: 'committed', outcome: { contractVersion: 1 } })
})

test('cancelled before the commit: nothing is committed, and the record says so', async () => {
  const project = new TemporaryProject()
  const cancelling = new AbortController()
  const reporter = {
    ...silentReporter,
    task: <T>(_title: string, work: (task: { update(text: string): void }) => Promise<T>) =>
      work({ update: (text) => text === 'checking the contract' && cancelling.abort() }),
  }
  await expect(project.run({ reporter, signal: cancelling.signal })).rejects.toMatchObject({
    code: 'FTI_INTERRUPTED',
    exit: 130,
  })
  expect(await lastRun(join(project.folder, '.fti'), 'feature-delays')).toMatchObject({ status: 'cancelled' })
  expect(await project.run()).toMatchObject({ delays: { status: 'committed', outcome: { snapshot: 0 } } })
})

test('a group that another process works on is reported as locked, naming it; the others run', async () => {
  const project = new TemporaryProject({ groups: { counts }, files: { 'features/counts.sql': countsSql } })
  const lock = await acquireLock(join(project.folder, 'store/_locks'), 'delays', { command: 'fti feature run delays' })
  const { delays, counts: other } = await project.run()
  expect(delays).toMatchObject({ status: 'failed', error: { code: 'FTI_LOCKED', exit: 4 } })
  expect(delays?.error?.message).toContain(`pid ${process.pid} \`fti feature run delays\``)
  expect(other).toMatchObject({ status: 'committed' })
  await lock.release()
  expect(await project.runDelays()).toMatchObject({ status: 'committed' })
})
