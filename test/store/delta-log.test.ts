import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRows } from '../../src/store/delta/snapshot.ts'
import { rawRelation, readHistory, readSnapshot, tablePath } from '../../src/store/index.ts'
import { delayRows, delays, published, TemporaryStore } from './temporary-store.ts'

const v1 = published(delays)

/** A table of three versions, committed on the 2nd, 3rd and 4th of January. */
async function threeVersions() {
  const store = new TemporaryStore()
  const engine = await store.engine()
  for (const day of [2, 3, 4]) {
    await store.commit(engine, v1, delayRows(['JFK', `2013-01-0${day} 00:00`, day]), `2013-01-0${day}T12:00:00Z`)
  }
  const table = tablePath(store.root, 'delays', 1)
  return {
    store,
    engine,
    table,
    log: (version: number) => join(table, `_delta_log/${String(version).padStart(20, '0')}.json`),
  }
}

test('an older snapshot is read by its version', async () => {
  const { store, engine, table } = await threeVersions()
  expect((await readSnapshot(table, 1))?.rows).toBe(2)
  expect(await store.stored(engine, v1, 0)).toHaveLength(1)
  await expect(readSnapshot(table, 3)).rejects.toMatchObject({ code: 'FTI_SNAPSHOT_UNKNOWN' })
})

test('a snapshot is read by time, whatever the files say about themselves', async () => {
  const { table } = await threeVersions()
  const at = async (time: string) => (await readSnapshot(table, new Date(time)))?.version
  expect(await at('2013-01-02T12:00:00Z')).toBe(0)
  expect(await at('2013-01-03T11:59:59.999Z')).toBe(0)
  expect(await at('2013-01-03T12:00:00Z')).toBe(1)
  expect(await at('2030-01-01T00:00:00Z')).toBe(2)
  await expect(at('2013-01-01T00:00:00Z')).rejects.toMatchObject({ code: 'FTI_SNAPSHOT_UNKNOWN' })
})

test('history lists the commits, newest first', async () => {
  const { table } = await threeVersions()
  expect(await readHistory(table)).toMatchObject([
    { version: 2, time: '2013-01-04T12:00:00.000Z', operation: 'WRITE', rowsAdded: 1 },
    { version: 1, time: '2013-01-03T12:00:00.000Z', operation: 'WRITE', rowsAdded: 1 },
    { version: 0, time: '2013-01-02T12:00:00.000Z', operation: 'CREATE TABLE AS SELECT', rowsAdded: 1 },
  ])
})

test('a table that is not there is no error', async () => {
  const { table } = await threeVersions()
  expect(await readSnapshot(`${table}0`)).toBeUndefined()
  expect(await readSnapshot(`${table}0`, 3)).toBeUndefined()
  expect(await readHistory(`${table}0`)).toEqual([])
})

test('a moved table reads as before', async () => {
  const { engine, store, table } = await threeVersions()
  const copy = join(store.root, `a copy with 'quotes' [x]*? & 🛫 x=1`)
  cpSync(table, copy, { recursive: true })
  rmSync(table, { recursive: true })
  const snapshot = await readSnapshot(copy)
  expect(await engine.rows(`SELECT count(*) AS n FROM (${rawRelation(snapshot, delays)})`)).toEqual([{ n: 3 }])
})

test('a hole in the log is named', async () => {
  const { table, log } = await threeVersions()
  rmSync(log(1))
  await expect(readSnapshot(table)).rejects.toMatchObject({ code: 'FTI_TABLE_CORRUPT', exit: 5, place: log(1) })
})

test('a broken line is named', async () => {
  const { table, log } = await threeVersions()
  writeFileSync(log(2), readFileSync(log(2), 'utf8').replace('"txn"', '"txn'))
  await expect(readSnapshot(table)).rejects.toMatchObject({ code: 'FTI_TABLE_CORRUPT', place: `${log(2)}:2` })
  expect((await readSnapshot(table, 1))?.version).toBe(1)
  expect((await readRows(table, 1))?.version).toBe(1)
})

test.each([
  ['an action that is null', 'null'],
  ['an action that is a number', '5'],
  ['a schema that is no JSON', '{"metaData":{"schemaString":"x","configuration":{},"partitionColumns":[]}}'],
  ['a schema without fields', '{"metaData":{"schemaString":"{}","configuration":{},"partitionColumns":[]}}'],
  ['statistics that are no JSON', '{"add":{"path":"a","size":1,"stats":"x"}}'],
  ['statistics that are null', '{"add":{"path":"a","size":1,"stats":"null"}}'],
])('%s is corruption, and no bug of ours', async (_what, line) => {
  const { table } = await threeVersions()
  appendFileSync(join(table, '_delta_log/00000000000000000001.json'), `${line}\n`)
  await expect(readSnapshot(table)).rejects.toMatchObject({ code: 'FTI_TABLE_CORRUPT', exit: 5 })
})

test('a data file that is gone or cut short is named before anything is read or written', async () => {
  const { store, engine, table } = await threeVersions()
  const data = (await readSnapshot(table))?.files[0]
  const file = join(table, data?.path ?? '')
  truncateSync(file, 100)
  const commit = () => store.commit(engine, v1, delayRows(['EWR', '2013-01-09 00:00', 1]), '2013-01-10T00:00:00Z')
  await expect(commit()).rejects.toMatchObject({
    ...{ code: 'FTI_TABLE_CORRUPT', exit: 5, place: file },
    message: `a data file of delays@2 has 100 bytes instead of ${data?.bytes}`,
  })
  rmSync(file)
  await expect(commit()).rejects.toMatchObject({
    code: 'FTI_TABLE_CORRUPT',
    message: 'a data file of delays@2 is missing',
  })
  expect(await readHistory(table)).toHaveLength(3)
})

test('a log whose beginning was cleaned away needs its checkpoint', async () => {
  const { table, log } = await threeVersions()
  rmSync(log(0))
  writeFileSync(join(table, '_delta_log/00000000000000000000.checkpoint.parquet'), '')
  await expect(readSnapshot(table)).rejects.toMatchObject({
    code: 'FTI_TABLE_CORRUPT',
    message: expect.stringContaining('checkpoint of version 0 cannot be read'),
  })
})

test.each([
  ['timestamp_ntz', '"minReaderVersion":1', '"minReaderVersion":3,"readerFeatures":["timestampNtz"]'],
  ['v2 checkpoints', '"minReaderVersion":1', '"minReaderVersion":3,"readerFeatures":["v2Checkpoint"]'],
  ['the feature somethingNew', '"minReaderVersion":1', '"minReaderVersion":3,"readerFeatures":["somethingNew"]'],
  ['reader version 4', '"minReaderVersion":1', '"minReaderVersion":4'],
  ['column mapping', '"configuration":{', '"configuration":{"delta.columnMapping.mode":"name",'],
  ['deletion vectors', '"partitionValues":{}', '"partitionValues":{},"deletionVector":{"storageType":"u"}'],
  ['files elsewhere', '"path":"part-', '"path":"s3://bucket/part-'],
])('a table with %s is refused by that name', async (feature, from, to) => {
  const { table, log } = await threeVersions()
  writeFileSync(log(0), readFileSync(log(0), 'utf8').replace(from, to))
  await expect(readSnapshot(table)).rejects.toMatchObject({
    code: 'FTI_TABLE_UNSUPPORTED',
    message: expect.stringContaining(feature),
  })
})

test('a newer writer version can be read but not written', async () => {
  const { store, engine, table, log } = await threeVersions()
  writeFileSync(
    log(0),
    readFileSync(log(0), 'utf8').replace(
      '"minWriterVersion":2',
      '"minWriterVersion":7,"writerFeatures":["rowTracking"]',
    ),
  )
  expect((await readSnapshot(table))?.rows).toBe(3)
  await expect(
    store.commit(engine, v1, delayRows(['EWR', '2013-01-09 00:00', 1]), '2013-01-10T00:00:00Z'),
  ).rejects.toMatchObject({
    code: 'FTI_TABLE_UNSUPPORTED',
    message: expect.stringContaining('rowTracking'),
  })
})

test.each(['..%2F..%2Fpart-', '%zzpart-'])('a path such as %s is refused', async (path) => {
  const { table, log } = await threeVersions()
  writeFileSync(log(0), readFileSync(log(0), 'utf8').replace('"path":"part-', `"path":"${path}`))
  await expect(readSnapshot(table)).rejects.toMatchObject({ code: 'FTI_TABLE_CORRUPT' })
})

test('the log is reader 1, writer 2, and its statistics claim no more than is true', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const rows = delayRows(
    ['JFK', '2013-01-01 06:00:00.000001', 'nan'],
    ['x'.repeat(100), '2013-01-01 06:00:00.123456', 1],
  )
  await store.commit(engine, v1, rows, '2013-01-02T00:00:00Z')
  const text = readFileSync(join(store.root, 'delays/v1/_delta_log/00000000000000000000.json'), 'utf8')
  const actions = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, never>)
  expect(actions.map((action) => Object.keys(action)[0])).toEqual(['commitInfo', 'protocol', 'metaData', 'txn', 'add'])
  expect(actions[1]).toEqual({ protocol: { minReaderVersion: 1, minWriterVersion: 2 } })
  const stats = JSON.parse((actions[4] as unknown as { add: { stats: string } }).add.stats) as object
  expect(stats).toEqual({
    numRecords: 2,
    minValues: {
      origin: 'JFK',
      at: '2013-01-01T06:00:00.000Z',
      _available_at: '2013-01-01T07:00:00.000Z',
      _committed_at: '2013-01-02T00:00:00.000Z',
      _sequence: 1,
    },
    maxValues: {
      at: '2013-01-01T06:00:00.124Z',
      _available_at: '2013-01-01T07:00:00.124Z',
      _committed_at: '2013-01-02T00:00:00.000Z',
      _sequence: 2,
    },
    nullCount: { origin: 0, at: 0, delay: 0, _available_at: 0, _committed_at: 0, _sequence: 0 },
  })
})

test('what a dead writer left is removed by the next commit, but not its committed data', async () => {
  const { store, engine, table } = await threeVersions()
  const dead = join(table, '.staging-20130101t000000000-0000000000')
  const [committed] = readdirSync(table).filter((name) => name.endsWith('.parquet'))
  mkdirSync(dead)
  writeFileSync(join(dead, '.owner'), JSON.stringify({ pid: 1, host: '', startedAt: 'long ago', boot: 'another' }))
  writeFileSync(join(dead, '.owner'), '{')
  for (const name of ['part-lost.parquet', committed ?? '']) {
    writeFileSync(join(dead, name), '')
    if (name === 'part-lost.parquet') writeFileSync(join(table, name), '')
  }
  writeFileSync(join(table, '_delta_log/.staging-20130101t000000000-0000000001'), '{}')
  await store.commit(engine, v1, delayRows(['EWR', '2013-01-09 00:00', 1]), '2013-01-10T00:00:00Z')
  expect(readdirSync(table).filter((name) => name.startsWith('.staging') || name.includes('lost'))).toEqual([])
  expect(readdirSync(join(table, '_delta_log'))).toHaveLength(4)
  expect(await store.stored(engine, v1)).toHaveLength(4)
})
