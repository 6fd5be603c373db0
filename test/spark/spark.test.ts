import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rawRelation, readSnapshot, type Snapshot, verifyStore } from '../../src/store/index.ts'
import { contract, ourTable, row, type Table } from '../store/every-type.ts'
import { TemporaryStore } from '../store/temporary-store.ts'

/** What Spark found in our table, by version, as text. */
type Told = readonly (readonly Record<string, string | null>[])[]

let table: Table
let told: Told
const theirs = (name: string) => join(table.store.root, name)

const cleanUps: (() => unknown)[] = []
afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp()
})

beforeAll(async () => {
  table = await ourTable(new TemporaryStore((cleanUp) => cleanUps.unshift(cleanUp)))
  const python = process.env['FTI_SPARK_PYTHON'] ?? resolve(import.meta.dirname, '../../.venv-spark/bin/python')
  const jars = join(python, '../../jars')
  // One session for all, for it takes most of the time to start.
  const args = [join(import.meta.dirname, 'session.py'), table.path, table.store.root, jars]
  const output = execFileSync(python, args, { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } })
  told = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Told
}, 1_800_000)

/** The rows of a version as text, in the forms of Spark. */
async function ours(version: number): Promise<object[]> {
  const snapshot = await readSnapshot(table.path, version)
  const columns = contract.contract.features.map(({ name }) => name)
  const names = ['origin', 'number', 'at', ...columns, '_available_at', '_committed_at', '_sequence']
  const text = names.map((name) => `CAST("${name}" AS VARCHAR) AS "${name}"`)
  const rows = await table.engine.rows<Record<string, string | null>>(
    `SELECT ${text.join(', ')} FROM (${rawRelation(snapshot, contract.contract)}) r ORDER BY r._sequence`,
  )
  return rows.map(comparable)
}

const floats = new Set(['delay', 'ratio'])

/** Spark writes no zone, and floats in another notation. */
function comparable(each: Readonly<Record<string, string | null>>): object {
  return Object.fromEntries(
    Object.entries(each).map(([name, value]) => {
      if (value === null) return [name, null]
      return [
        name,
        floats.has(name) ? Math.fround(Number(value.replace('inf', 'Infinity'))) : value.replace(/\+00$/, ''),
      ]
    }),
  )
}

async function snapshotOf(name: string): Promise<Snapshot> {
  const snapshot = await readSnapshot(theirs(name))
  if (snapshot === undefined) throw new Error(`Spark made no table ${name}`)
  return snapshot
}

test('Spark reads every version of our table, checkpoint and joined files included', async () => {
  expect(told.map((rows) => rows.length)).toEqual([1, 2, 3, 3, 4])
  for (const [version, rows] of told.entries()) expect(rows.map(comparable)).toEqual(await ours(version))
})

test('an append, a merge, a compaction and a checkpoint of Spark are read by fti, and it goes on behind them', async () => {
  const newest = await readSnapshot(table.path)
  expect(newest).toMatchObject({ version: 9, rows: 5, checkpoint: 9 })
  expect((await ours(4)).slice(0, 4)).toEqual((await ours(9)).slice(0, 4))
  expect((await ours(5)).at(-1)).toMatchObject({ origin: 'LGA', delay: 1.5 })
  expect((await ours(9)).at(-1)).toMatchObject({ origin: 'LGA', delay: 2.5, number: '9007199254740993' })
  const result = await table.store.commit(table.engine, contract, row('EWR', 8, 'plain'), '2013-01-09T00:00:00Z')
  expect(result).toMatchObject({ snapshot: 10, appended: 1, late: 0 })
  expect((await readSnapshot(table.path))?.mark?.lastSequence).toBe(6)
  const work = { root: table.store.root, tempDirectory: theirs('../spill'), groups: ['delays'], now: new Date() }
  expect((await verifyStore(work)).findings).toEqual([])
})

test('a table that Spark partitions by day, with its own kind of timestamps, is read by fti', async () => {
  const snapshot = await snapshotOf('partitioned')
  expect(snapshot.metadata.partitionColumns).toEqual(['day', 'origin'])
  const partitioned = {
    ...contract.contract,
    entity: { name: 'airport', key: { origin: 'string' as const } },
    features: [
      { name: 'delay', type: 'float64' as const, nullable: true },
      { name: 'day', type: 'date' as const, nullable: true },
    ],
  }
  const rows = `SELECT origin, day, delay, "at" FROM (${rawRelation(snapshot, partitioned)}) ORDER BY delay`
  expect(await table.engine.rows(rows)).toEqual([
    { origin: 'a b=%/ü', day: '2013-01-01', delay: 1, at: '2013-01-01T00:00:00.000001Z' },
    { origin: null, day: '2013-01-02', delay: 2, at: '2013-01-02T00:00:00.000001Z' },
    { origin: 'JFK', day: null, delay: 3, at: '2013-01-03T00:00:00.000001Z' },
  ])
})

test.each([
  ['deleted', 'deletion vectors'],
  ['mapped', 'column mapping (name)'],
  ['zoneless', 'timestamp_ntz'],
])('a table of Spark that is %s is refused by the name of the feature: %s', async (name, feature) => {
  await expect(readSnapshot(theirs(name))).rejects.toMatchObject({
    ...{ code: 'FTI_TABLE_UNSUPPORTED', message: expect.stringContaining(feature) },
  })
})
