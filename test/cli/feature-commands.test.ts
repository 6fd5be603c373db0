import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { acquireLock } from '../../src/runs/index.ts'
import { flightsCsv, TemporaryProject } from '../feature/temporary-project.ts'
import { runCommand } from './run-command.ts'

test('feature run prints a table and how it went; again, there is nothing to do', async () => {
  const { folder: cwd } = new TemporaryProject()
  const first = await runCommand(['feature', 'run'], { cwd })
  expect(first.exit).toBe(0)
  expect(first.stdout).toMatch(/delays +committed +3 +0 +0 +0 +0/)
  expect(first.stdout).toContain('Done. committed=1 nothing-to-do=0 failed=0 skipped=0')
  const second = await runCommand(['feature', 'run', 'delays'], { cwd })
  expect([second.exit, second.stdout]).toEqual([0, expect.stringContaining('nothing-to-do=1')])
})

test('a failed group is shown with code, place and remedy, and gives the exit code', async () => {
  const { folder: cwd } = new TemporaryProject({ flights: { path: 'data/flihgts.csv' } })
  const { stdout, exit } = await runCommand(['feature', 'run'], { cwd })
  expect(exit).toBe(6)
  for (const part of ['FTI_SOURCE_MISSING', 'sources.flights.path', 'flights.csv']) expect(stdout).toContain(part)
})

test('--json is one document, with the error of the group that failed', async () => {
  const { folder: cwd } = new TemporaryProject({ files: { 'data/flights.csv': '' } })
  const result = await runCommand(['feature', 'run', '--json'], { cwd })
  expect(result.exit).toBe(1)
  expect(result.json()).toMatchObject({
    schema: 'fti.feature.run/1',
    data: {
      groups: [{ group: 'delays', status: 'failed', error: { code: 'FTI_SOURCE_EMPTY', place: 'data/flights.csv' } }],
    },
  })
})

test('violations that did not stop the run are named', async () => {
  const features = { delay: { type: 'float64', range: [0, 100] } }
  const { folder: cwd } = new TemporaryProject({ delays: { features, onInvalid: 'quarantine' } })
  const { stdout, exit } = await runCommand(['feature', 'run'], { cwd })
  expect([exit, stdout]).toEqual([0, expect.stringContaining('delays: 1 row: delay is below 0')])
})

test('a breaking change of the project file is pending: 3', async () => {
  const project = new TemporaryProject()
  await runCommand(['feature', 'run'], { cwd: project.folder })
  project.configure({ delays: { features: { delay: 'float32' } } })
  project.write('features/delays.sql', 'SELECT origin, "at", delay::FLOAT AS delay FROM flights')
  const { stdout, exit } = await runCommand(['feature', 'run'], { cwd: project.folder })
  expect([exit, stdout]).toEqual([3, expect.stringContaining('FTI_CONTRACT_BREAKING')])
})

test('--lock-timeout says how long to wait for another run; then 4, naming it', async () => {
  const { folder: cwd } = new TemporaryProject()
  const lock = await acquireLock(join(cwd, 'store/_locks'), 'delays', { command: 'fti feature run --slow' })
  const { stdout, exit } = await runCommand(['feature', 'run', '--lock-timeout', '1s'], { cwd })
  expect(exit).toBe(4)
  expect(stdout).toMatch(new RegExp(`pid ${process.pid} \`fti feature run --slow\``))
  await lock.release()
})

test('an unknown group is a wrong command line: 2', async () => {
  const { folder: cwd } = new TemporaryProject()
  const { stderr, exit } = await runCommand(['feature', 'run', 'delay'], { cwd })
  expect([exit, stderr]).toEqual([2, expect.stringContaining("did you mean 'delays'?")])
})

test('list, show, history and get answer from what was committed', async () => {
  const project = new TemporaryProject()
  const cwd = project.folder
  await runCommand(['feature', 'run'], { cwd })
  project.write('data/flights.csv', flightsCsv.replace(',10', ',20'))
  await runCommand(['feature', 'run'], { cwd })
  const data = async (...args: string[]) => (await runCommand(['feature', ...args, '--json'], { cwd })).json().data
  expect(await data('list')).toMatchObject({ groups: [{ group: 'delays', snapshot: 1, rows: 4 }] })
  expect(await data('show', 'delays')).toMatchObject({ snapshot: 1, rows: 4, profile: { rows: 4 } })
  expect(await data('show', 'delays@0')).toMatchObject({ snapshot: 0, rows: 3 })
  expect(await data('history', 'delays')).toMatchObject({ commits: [{ version: 1 }, { version: 0 }] })
  const get = ['get', 'delays', '--key', 'origin=JFK', '--at', '2013-01-01T06:00Z']
  expect(await data(...get)).toMatchObject({ snapshot: 1, stored: { delay: 10 }, online: { values: { delay: 20 } } })
  expect(await data(...get, '--as-of', '0')).toMatchObject({ snapshot: 0, stored: { delay: 10 } })
})

test('sync --as-of puts the online store at a moment', async () => {
  const { folder: cwd } = new TemporaryProject()
  await runCommand(['feature', 'run'], { cwd })
  const { stdout, exit } = await runCommand(['feature', 'sync', '--as-of', '2013-01-01T05:30Z'], { cwd })
  expect(exit).toBe(0)
  expect(stdout).toMatch(/delays +v1 +2 +0 +2013-01-01T05:30:00.000Z/)
})

test.each([
  [['feature', 'get', 'delays', '--key', 'origin'], 'FTI_KEY_INVALID'],
  [['feature', 'get', 'delays', '--key', 'origin=JFK', '--at', '2013-01-01T05:00'], 'FTI_TIME_INVALID'],
  [['feature', 'sync', '--as-of', 'yesterday'], 'FTI_TIME_INVALID'],
  [['feature', 'run', '--lock-timeout', 'soon'], 'FTI_DURATION_INVALID'],
])('%j is a wrong command line: %s', async (args, code) => {
  const { folder: cwd } = new TemporaryProject()
  await runCommand(['feature', 'run'], { cwd })
  const { stderr, exit } = await runCommand(args, { cwd })
  expect([exit, stderr]).toEqual([2, expect.stringContaining(code)])
})

test('an entity of which nothing was known is said to be so: 1', async () => {
  const { folder: cwd } = new TemporaryProject()
  await runCommand(['feature', 'run'], { cwd })
  const get = (...more: string[]) => runCommand(['feature', 'get', 'delays', ...more], { cwd })
  expect(await get('--key', 'origin=XYZ', '--at', '2013-02-01T00:00Z')).toMatchObject({
    exit: 1,
    stdout: expect.stringMatching(
      /^no value of delays for origin=XYZ was known at 2013-02-01T00:00:00.000Z \(snapshot 0\)\nno row of this key is stored/,
    ),
  })
  const early = await get('--key', 'origin=JFK', '--at', '2012-01-01T00:00Z', '--json')
  expect([early.exit, early.json().data]).toMatchObject([1, { stored: null }])
  expect((await get('--key', 'origin=JFK')).exit).toBe(0)
})

test('--dry-run says which intervals would be computed and why, and writes nothing; --from --to computes them', async () => {
  const project = new TemporaryProject({ delays: { incremental: { column: 'at', lookback: '1h' } } })
  const cwd = project.folder
  const range = ['--from', '2013-01-01T05:00Z', '--to', '2013-01-02']
  const dry = await runCommand(['feature', 'run', 'delays', ...range, '--dry-run'], { cwd })
  expect([dry.exit, dry.stdout]).toEqual([0, expect.stringContaining('delays  1 commit')])
  expect(dry.stdout).toContain('2013-01-01T05:00:00.000Z -> 2013-01-02T00:00:00.000Z  not computed yet')
  expect(existsSync(join(cwd, 'store/delays'))).toBe(false)
  expect((await runCommand(['feature', 'run', ...range], { cwd })).stdout).toMatch(/delays +committed +3/)
  const again = await runCommand(['feature', 'run', ...range, '--dry-run', '--json'], { cwd })
  expect(again.json().data).toMatchObject({
    preview: [{ group: 'delays', intervals: [], done: [{ to: expect.any(String) }] }],
  })
  const next = await runCommand(['feature', 'run', '--dry-run'], { cwd })
  expect(next.stdout).toContain('the beginning -> now  what is new, and 1h before it; and what is not covered')
})

test.each([
  [['--from', '2013-01-02', '--to', '2013-01-01'], 'FTI_INTERVAL_INVALID'],
  [['--from', '2013-01-02T05:00'], 'FTI_TIME_INVALID'],
  [['--from', '2013-01-01', '--to', '2013-01-02'], 'FTI_NOT_INCREMENTAL'],
  [['--to', '2013-01-02'], '--from'],
  [['--from', '2013-01-01', '--full'], '--full'],
])('feature run %j is a wrong command line: %s', async (args, said) => {
  const { folder: cwd } = new TemporaryProject()
  const { stderr, exit } = await runCommand(['feature', 'run', ...args], { cwd })
  expect([exit, stderr]).toEqual([2, expect.stringContaining(said)])
})
