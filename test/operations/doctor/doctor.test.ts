import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { examine } from '../../../src/operations/index.ts'
import { startRedis } from '../../servers/redis.ts'
import { startWebServer } from '../../servers/web.ts'

const signal = new AbortController().signal
const folder = () => mkdtempSync(join(tmpdir(), 'fti-doctor-test-'))

test('finds Node, DuckDB, the bundled backends and the file system fit', async () => {
  const checks = await examine({ directory: folder(), signal })
  const state = Object.fromEntries(checks.map(({ check, state }) => [check, state]))
  expect(state).toMatchObject({
    Node: 'ok',
    DuckDB: 'ok',
    'backend wasm': 'ok',
    'backend cpu': 'ok',
    'file system': 'ok',
  })
})

test('leaves nothing behind', async () => {
  const directory = folder()
  await examine({ directory, signal })
  expect(readdirSync(directory)).toEqual([])
})

test('a folder without a project is a warning with a remedy, and the other checks still run', async () => {
  const checks = await examine({ directory: folder(), signal })
  const project = checks.find(({ check }) => check === 'project')
  expect(project).toMatchObject({ state: 'warn' })
  expect(project?.remedy).toContain('fti init')
  expect(checks.length).toBeGreaterThanOrEqual(5)
})

test('a broken project file is a failed check with its place', async () => {
  const directory = folder()
  writeFileSync(join(directory, 'fti.config.yaml'), 'project: [')
  const checks = await examine({ directory, signal })
  expect(checks.find(({ check }) => check === 'project')?.place).toMatch(/fti\.config\.yaml:\d+:\d+/)
})

test('a server or a database of a source that is not there is a failed check each; one that is there is fit', async () => {
  const directory = folder()
  const server = await startWebServer((_request, response) => response.end('[]'))
  const gone = await startWebServer(() => {})
  await gone.stop()
  const port = new URL(gone.origin).port
  const sources = {
    here: { type: 'http', url: `${server.origin}/rows` },
    away: { type: 'http', url: `${gone.origin}/rows` },
    table: { type: 'postgres', url: `postgres://me@127.0.0.1:${port}/x`, table: 't' },
    file: { type: 'sqlite', path: 'none.db', table: 't' },
  }
  writeFileSync(join(directory, 'fti.config.yaml'), JSON.stringify({ project: 'example', sources }))
  const checks = await examine({ directory, signal })
  const found = checks.filter(({ check }) => check === 'sources').map(({ state, found }) => [state, found])
  expect(found.sort()).toEqual([
    ['fail', "source 'away' cannot be reached: ECONNREFUSED"],
    ['fail', "source 'file' is not there: none.db, table t"],
    ['fail', "source 'table' cannot be reached: ECONNREFUSED"],
  ])
  // A connection is all that was asked for.
  expect(server.requests).toEqual([])
})

test('a source without a file is a failed check with its place and what may be meant', async () => {
  const directory = folder()
  for (const file of ['flights.csv', 'weather.csv']) writeFileSync(join(directory, file), 'a\n1\n')
  const sources = { good: { type: 'csv', path: 'flights.csv' }, bad: { type: 'csv', path: 'wether.csv' } }
  writeFileSync(join(directory, 'fti.config.yaml'), JSON.stringify({ project: 'example', sources }))
  const found = (await examine({ directory, signal })).filter(({ check }) => check === 'sources')
  expect(found).toEqual([
    {
      check: 'sources',
      state: 'fail',
      found: "source 'bad' has no file: wether.csv",
      place: expect.stringMatching(/fti\.config\.yaml:1:\d+$/),
      remedy: "did you mean 'weather.csv'? put the file there, or change sources.bad.path",
    },
  ])
  expect(readdirSync(directory).sort()).toEqual(['flights.csv', 'fti.config.yaml', 'weather.csv'])
})

test('an online store on a server that is away is a failed check that shows no password', async () => {
  const directory = folder()
  const url = `redis://me:\${env:FTI_TEST_PASSWORD}@127.0.0.1:1/0`
  writeFileSync(join(directory, 'fti.config.yaml'), `project: example\nonline: "${url}"\n`)
  process.env['FTI_TEST_PASSWORD'] = 'hunter2'
  onTestFinished(() => void delete process.env['FTI_TEST_PASSWORD'])
  const checks = await examine({ directory, signal })
  expect(checks.find(({ check }) => check === 'online store')).toMatchObject({
    state: 'fail',
    place: 'redis://127.0.0.1:1/0',
    found: expect.stringContaining('ECONNREFUSED'),
  })
  expect(JSON.stringify(checks)).not.toContain('hunter2')
})

test('an online store that may evict what it holds is a warning', async () => {
  const redis = await startRedis(['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'])
  onTestFinished(() => redis.stop())
  const directory = folder()
  const online = `{ url: "${redis.url}", budget: 10s }`
  writeFileSync(join(directory, 'fti.config.yaml'), `project: example\nonline: ${online}\n`)
  const checks = await examine({ directory, signal })
  expect(checks.find(({ check }) => check === 'online store')).toMatchObject({
    state: 'warn',
    found: expect.stringMatching(/^0 feature groups, 0 keys; answers in .* the budget is 10000 ms; .* allkeys-lru/),
    remedy: 'set maxmemory-policy noeviction',
  })
})

test('the embedded online store tells what it holds', async () => {
  const directory = folder()
  writeFileSync(join(directory, 'fti.config.yaml'), 'project: example')
  const checks = await examine({ directory, signal })
  expect(checks.find(({ check }) => check === 'online store')).toMatchObject({
    state: 'ok',
    found: '0 feature groups, 0 keys in a local directory (LMDB)',
  })
})

test('a cancelled doctor stops', async () => {
  const cancelled = AbortSignal.abort()
  await expect(examine({ directory: folder(), signal: cancelled })).rejects.toMatchObject({ code: 'FTI_INTERRUPTED' })
})
