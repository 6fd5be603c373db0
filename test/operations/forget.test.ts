import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { currentProcess } from '../../src/base/index.ts'
import { openEngine } from '../../src/engine/index.ts'
import { openOnlineReader } from '../../src/online/index.ts'
import { apply, type ForgetOptions, forget } from '../../src/operations/index.ts'
import { writeCheckpoint } from '../../src/store/delta/write-checkpoint.ts'
import {
  openGroup,
  readDataset,
  readSnapshot,
  splitByTime,
  tablePath,
  verifyStore,
  writeDataset,
} from '../../src/store/index.ts'
import { optimizeTable } from '../../src/store/maintenance/optimize-table.ts'
import { TemporaryProject } from '../feature/temporary-project.ts'

const now = new Date('2013-01-08T00:00:00Z')
const options: ForgetOptions = {
  group: 'delays',
  key: { origin: 'JFK' },
  apply: true,
  now,
  command: 'fti feature forget delays --key origin=JFK',
  lockWaitMs: 0,
}
const ofSource = (rows: readonly string[]) => `origin,at,delay\n${rows.join('\n')}\n`

/** JFK in two files of three snapshots, in the quarantine, and in the online store. */
async function filled(): Promise<TemporaryProject> {
  const project = new TemporaryProject({
    delays: { features: { delay: { type: 'float64', range: [-60, 100] } }, onInvalid: 'quarantine' },
  })
  const rows = ['JFK,2013-01-01T05:00:00Z,2.5', 'EWR,2013-01-01T05:00:00Z,-4']
  for (const more of ['JFK,2013-01-02T05:00:00Z,3', 'LGA,2013-01-03T05:00:00Z,4', 'JFK,2013-01-04T05:00:00Z,999']) {
    rows.push(more)
    project.write('data/flights.csv', ofSource(rows))
    await project.run({ now })
  }
  return project
}

/** A training dataset with every stored row of the group; a third of them JFK. */
async function dataset(project: TemporaryProject) {
  const { store } = await project.load()
  const engine = await openEngine({ allowedDirectories: [store], tempDirectory: join(project.folder, 'tmp') })
  try {
    const relation = `SELECT row_number() OVER () - 1 AS _row, origin, TIMESTAMPTZ '2013-01-01 00:00:00Z' + to_hours(i::INT) AS at
      FROM range(300) r(i), (SELECT ['JFK', 'EWR', 'LGA'] AS names), LATERAL (SELECT names[1 + i % 3] AS origin)`
    await engine.execute(`CREATE TABLE examples AS ${relation}`)
    const split = await splitByTime(engine, {
      relation: 'SELECT * FROM examples',
      time: 'at',
      split: { by: 'time', testMs: 86_400_000, validationMs: 86_400_000, gapMs: 0 },
      model: 'late',
    })
    const snapshots = [(await openGroup(store, 'delays')).reference]
    const request = { engine, root: store, model: 'late', relation: 'SELECT * FROM examples', time: 'at', split, now }
    return await writeDataset({ ...request, asOf: now, snapshots, inputs: {} })
  } finally {
    await engine.close()
  }
}

/** Every file of a folder; Parquet as the text of all its rows and of its metadata. */
async function contents(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  const engine = await openEngine({ allowedDirectories: [folder], tempDirectory: join(folder, '..', 'tmp') })
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const text = [readFileSync(path, 'latin1')]
      if (path.endsWith('.parquet'))
        for (const from of [`read_parquet('${path}')`, `parquet_metadata('${path}')`])
          text.push(JSON.stringify(await engine.rows(`SELECT CAST(row AS VARCHAR) AS text FROM ${from} AS row`)))
      found.set(path, text.join('\n'))
    }
  } finally {
    await engine.close()
  }
  return found
}

const naming = async (folder: string, key = 'JFK') =>
  [...(await contents(folder))].filter(([, text]) => text.includes(key)).map(([path]) => path)

function log(project: TemporaryProject, name: string, origins: readonly string[]): string {
  const directory = join(project.folder, 'store', '_predictions', 'late')
  mkdirSync(directory, { recursive: true })
  const lines = origins.map((origin, n) => `{"id":"r","n":${n},"instance":{"origin":"${origin}"},"output":0.5}\n`)
  writeFileSync(join(directory, name), lines.join(''))
  return join(directory, name)
}

test('without being told to do it, it names every place and changes nothing', async () => {
  const project = await filled()
  const made = await dataset(project)
  log(project, 'a.ndjson', ['JFK', 'EWR'])
  const before = await contents(join(project.folder, 'store'))
  const { plan, left } = await forget(await project.load(), { ...options, apply: false })
  expect(left).toBeNull()
  expect(
    plan.tables.map(({ group, name, rows, files }) => [group, name, rows, files.map(({ from, to }) => [from, to])]),
  ).toEqual([
    ['delays', 'v1', 2, [[0, null]]],
    ['delays', 'quarantine', 1, [[0, null]]],
  ])
  expect(plan.datasets).toMatchObject([{ model: 'late', id: made.id, rows: 100 }])
  expect(plan.online).toEqual([{ group: 'delays', contractVersion: 1, isServed: true }])
  expect(plan.requests).toMatchObject([{ path: 'store/_predictions/late/a.ndjson', lines: 1, isLive: false }])
  expect(await contents(join(project.folder, 'store'))).toEqual(before)
})

test('afterwards no file of the store has the key, others keep their rows, and everything verifies', async () => {
  const project = await filled()
  const made = await dataset(project)
  log(project, 'a.ndjson', ['JFK', 'EWR'])
  const loaded = await project.load()
  expect(await naming(loaded.store)).not.toEqual([])
  const { left } = await forget(loaded, options)
  expect(left).toMatchObject({ tables: [], datasets: [], requests: [], online: [{ isServed: false }] })
  expect(await naming(loaded.store)).toEqual([])
  expect((await project.stored()).map(({ origin }) => origin)).toEqual(['EWR', 'LGA'])
  expect(await project.quarantined()).toEqual([])
  const dataset_ = await readDataset(loaded.store, 'late', made.id)
  expect(dataset_.forgotten).toEqual({ rows: 100, at: now.toISOString() })
  expect(dataset_.rows.train + dataset_.rows.validation + dataset_.rows.test).toBe(200)
  expect(readFileSync(join(loaded.store, '_predictions', 'late', 'a.ndjson'), 'utf8')).toContain('EWR')
  const work = { root: loaded.store, tempDirectory: join(project.folder, 'tmp'), groups: [], now }
  expect((await verifyStore(work)).findings.filter(({ severity }) => severity !== 'warning')).toEqual([])
})

test('the online store answers for the others and holds the key in none of its files', async () => {
  const project = await filled()
  const loaded = await project.load()
  await forget(loaded, options)
  const reader = await openOnlineReader(loaded.online)
  const values = await reader.fetch(() => [{ group: 'delays', contractVersion: 1, keys: [['JFK'], ['EWR']] }])
  expect(values.get('delays', 1, ['JFK'])).toBeUndefined()
  expect(values.get('delays', 1, ['EWR'])).toMatchObject({ values: [-4] })
  await reader.close()
  const online = join(project.folder, '.fti', 'online')
  const files = readdirSync(online, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join()).not.toContain('JFK')
})

test('files of older snapshots and checkpoints that name the key go too; what was read from them says why', async () => {
  const project = await filled()
  const { store } = await project.load()
  const table = tablePath(store, 'delays', 1)
  const engine = await openEngine({ allowedDirectories: [store], tempDirectory: join(project.folder, 'tmp') })
  await optimizeTable(table, { engine, now })
  const snapshot = await readSnapshot(table, 1)
  if (snapshot) await writeCheckpoint(engine, snapshot)
  await engine.close()
  const { plan } = await forget(await project.load(), options)
  expect(plan.tables[0]?.checkpoints).toEqual([1])
  expect(await naming(store)).toEqual([])
  await expect(openGroup(store, 'delays', { at: 0 })).rejects.toMatchObject({
    code: 'FTI_SNAPSHOT_ERASED',
    message: `rows of delays@0 were erased at ${now.toISOString()}, and the files that held them with it (fti feature forget)`,
    remedy: expect.stringContaining('read delays@3 or a newer snapshot'),
  })
  expect((await openGroup(store, 'delays')).snapshot.rows).toBe(2)
})

test('a segment that a server writes stays, and the answer says so', async () => {
  const project = await filled()
  const path = log(project, 'b.live', ['JFK'])
  const owner = currentProcess()
  writeFileSync(path.replace('.live', '.owner'), JSON.stringify(owner))
  const { left } = await forget(await project.load(), options)
  expect(left?.requests).toMatchObject([{ path: 'store/_predictions/late/b.live', lines: 1, isLive: true }])
  expect(existsSync(path)).toBe(true)
})

test('a key that nothing holds is no error and changes nothing', async () => {
  const project = await filled()
  const { plan } = await forget(await project.load(), { ...options, key: { origin: 'BOS' } })
  expect(plan).toMatchObject({ tables: [], datasets: [], requests: [], breaks: [] })
  expect(await project.stored()).toHaveLength(4)
})

test('an unknown group and an incomplete key are refused', async () => {
  const project = await filled()
  const loaded = await project.load()
  await expect(forget(loaded, { ...options, group: 'delay' })).rejects.toMatchObject({ code: 'FTI_GROUP_UNKNOWN' })
  await expect(forget(loaded, { ...options, key: {} })).rejects.toMatchObject({ code: 'FTI_KEY_INVALID' })
})

const later = new Date('2013-01-09T00:00:00Z')

/** `delays` v1 is keyed by `origin`, v2 by `faa`; `arrivals` by `origin` as ever. Each has JFK and EWR. */
async function renamedKey(): Promise<TemporaryProject> {
  const arrivals = { entity: 'airport', eventTime: 'at', availableAt: 'at', transform: 'features/arrivals.sql' }
  const groups = { arrivals: { ...arrivals, features: { delay: 'float64' } } }
  const project = new TemporaryProject({
    groups,
    files: { 'features/arrivals.sql': 'SELECT origin, "at", delay::DOUBLE AS delay FROM flights' },
  })
  await project.run({ now })
  const entities = { field: { key: { faa: 'string' } } }
  project.configure({ entities, delays: { entity: 'field' }, groups })
  project.write('features/delays.sql', 'SELECT origin AS faa, "at", delay::DOUBLE AS delay FROM flights')
  await apply(await project.load(), { by: 'test', now: later })
  await project.run({ now: later })
  return project
}

const keysIn = async (project: TemporaryProject, version: number, column: string) =>
  (
    await project.query<{ key: string }>(
      `SELECT DISTINCT ${column} AS key FROM read_parquet('${project.folder}/store/delays/v${version}/*.parquet') ORDER BY 1`,
    )
  ).map(({ key }) => key)

test('an older contract version whose key has the columns is erased from, also where the newest has another key', async () => {
  const project = await renamedKey()
  const { left } = await forget(await project.load(), { ...options, group: 'arrivals', now: later })
  expect(left).toMatchObject({ tables: [], online: [{ isServed: false }, { isServed: false }] })
  expect(await keysIn(project, 1, 'origin')).toEqual(['EWR'])
  expect(await keysIn(project, 2, 'faa')).toEqual(['EWR', 'JFK'])
})

test('after a change of the key each version is erased from by its own key, and the answer names the others', async () => {
  const project = await renamedKey()
  const renamed = { ...options, now: later }
  const { left } = await forget(await project.load(), { ...renamed, key: { faa: 'JFK' } })
  expect(left).toMatchObject({ tables: [], online: [{ contractVersion: 2, isServed: false }] })
  expect(left?.stays).toEqual([
    {
      place: 'delays v1',
      because: 'its key is origin: to forget there too, run: fti feature forget delays --key origin=…',
    },
    {
      place: 'source flights, data/flights.csv',
      because: expect.stringContaining('it has no column faa'),
    },
  ])
  expect([await keysIn(project, 1, 'origin'), await keysIn(project, 2, 'faa')]).toEqual([['EWR', 'JFK'], ['EWR']])
  await forget(await project.load(), renamed)
  expect(await keysIn(project, 1, 'origin')).toEqual(['EWR'])
})
