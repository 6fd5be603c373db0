import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Engine } from '../../src/engine/index.ts'
import { latestRelation, readSnapshot, tablePath, tableRelation } from '../../src/store/index.ts'
import { optimizeTable } from '../../src/store/maintenance/optimize-table.ts'
import { delayRows, delays, published, TemporaryStore } from './temporary-store.ts'

const v1 = published(delays)

interface Table {
  readonly store: TemporaryStore
  readonly engine: Engine
  readonly path: string
  readonly log: (version: number) => string
  /** Writes rows, as SQL, into a file of the table; returns what an `add` says of it. */
  readonly put: (name: string, sql: string) => Promise<Record<string, unknown>>
  /** Commits these actions as another writer does. */
  readonly append: (version: number, ...actions: object[]) => void
  readonly stored: () => Promise<Record<string, unknown>[]>
}

/** A table of one row, committed by fti. */
async function oneRow(): Promise<Table> {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await store.commit(engine, v1, delayRows(['JFK', '2013-01-01 00:00', 1]), '2013-01-02T00:00:00Z')
  const path = tablePath(store.root, 'delays', 1)
  const log = (version: number) => join(path, `_delta_log/${String(version).padStart(20, '0')}.json`)
  return {
    ...{ store, engine, path, log },
    put: async (name, sql) => {
      const { bytes } = await engine.writeParquet(sql, join(path, name))
      return { path: encodeURIComponent(name), partitionValues: {}, size: bytes, modificationTime: 0, dataChange: true }
    },
    append: (version, ...actions) => {
      const info = { commitInfo: { timestamp: Date.UTC(2013, 0, 3), operation: 'WRITE', engineInfo: 'another' } }
      writeFileSync(log(version), [info, ...actions].map((action) => JSON.stringify(action)).join('\n'))
    },
    stored: async () => (await store.stored(engine, v1)) as Record<string, unknown>[],
  }
}

function theirRow(origin: string, at: string, delay: string, sequence: number): string {
  const time = `TIMESTAMPTZ '${at}Z'`
  return `SELECT ${sequence}::BIGINT AS _sequence, ${delay} AS delay, '${origin}' AS origin, ${time} AS "at",
    ${time} AS _available_at, ${time} AS _committed_at`
}

test('a file without statistics is counted by its footer', async () => {
  const { put, append, path, stored } = await oneRow()
  append(1, { add: await put('theirs.parquet', theirRow('EWR', '2013-01-02 00:00:00', '2.0::DOUBLE', 2)) })
  expect((await readSnapshot(path))?.rows).toBe(2)
  expect((await stored()).map(({ delay }) => delay)).toEqual([1, 2])
})

test('a path with spaces, signs and letters of any kind is the decoded one', async () => {
  const { put, append, stored } = await oneRow()
  append(1, { add: await put('a b=%2F+é🛫.parquet', theirRow('EWR', '2013-01-02 00:00:00', '2.0::DOUBLE', 2)) })
  expect((await stored()).map(({ delay }) => delay)).toEqual([1, 2])
})

test('a removed file is gone, however its writer describes it', async () => {
  const { append, path, log, stored } = await oneRow()
  const add = JSON.parse(readFileSync(log(0), 'utf8').trim().split('\n').at(-1) ?? '{}').add as Record<string, unknown>
  const described = { extendedFileMetadata: true, partitionValues: {}, size: add['size'], tags: null, stats: '{}' }
  append(1, { remove: { path: add['path'], deletionTimestamp: 1, dataChange: true, ...described } })
  expect(await stored()).toEqual([])
  expect((await readSnapshot(path, 0))?.rows).toBe(1)
})

test('integers and narrower floats of another writer are widened to what the contract declares', async () => {
  const { put, append, stored } = await oneRow()
  append(1, { add: await put('int.parquet', theirRow('EWR', '2013-01-02 00:00:00', '2::TINYINT', 2)) })
  append(2, { add: await put('float.parquet', theirRow('EWR', '2013-01-03 00:00:00', '0.5::FLOAT', 3)) })
  expect((await stored()).map(({ delay }) => delay)).toEqual([1, 2, 0.5])
})

test('a column that another writer has made wider than the contract is refused by its name', async () => {
  const { append, log, stored } = await oneRow()
  const metaData =
    readFileSync(log(0), 'utf8')
      .split('\n')
      .find((line) => line.includes('"metaData"')) ?? ''
  append(1, JSON.parse(metaData.replace('\\"type\\":\\"double\\"', '\\"type\\":\\"decimal(38,2)\\"')) as object)
  await expect(stored()).rejects.toMatchObject({
    ...{ code: 'FTI_TABLE_SCHEMA', exit: 5 },
    message: 'column delay of snapshot 1 is decimal(38,2); the contract declares double',
  })
})

test('a value that another writer restated is the latest one, and the next sequence lies behind theirs', async () => {
  const { put, append, engine, store, path } = await oneRow()
  append(1, { add: await put('theirs.parquet', theirRow('JFK', '2013-01-01 00:00:00', '7.0::DOUBLE', 40)) })
  const latest = latestRelation(await readSnapshot(path), delays)
  expect(await engine.rows(`SELECT delay FROM (${latest})`)).toEqual([{ delay: 7 }])
  await store.commit(engine, v1, delayRows(['JFK', '2013-01-09 00:00', 9]), '2013-01-10T00:00:00Z')
  const snapshot = await readSnapshot(path)
  expect(snapshot?.mark).toMatchObject({ lastSequence: 41, highWaterMark: '2013-01-09T00:00:00.000Z' })
  expect(await engine.rows(`SELECT delay FROM (${latestRelation(snapshot, delays)}) ORDER BY ALL`)).toEqual([
    ...[{ delay: 7 }, { delay: 9 }],
  ])
})

test('deletion vectors that are switched on are read as long as no file has one, then refused by their name', async () => {
  const { put, append, stored, store, engine } = await oneRow()
  const protocol = { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ['deletionVectors'] }
  append(1, { protocol: { ...protocol, writerFeatures: ['deletionVectors'] } })
  expect(await stored()).toHaveLength(1)
  const commit = store.commit(engine, v1, delayRows(['JFK', '2013-01-09 00:00', 9]), '2013-01-10T00:00:00Z')
  await expect(commit).rejects.toMatchObject({ message: expect.stringContaining('deletionVectors') })
  const add = await put('theirs.parquet', theirRow('EWR', '2013-01-02 00:00:00', '2.0::DOUBLE', 2))
  append(2, {
    add: { ...add, deletionVector: { storageType: 'u', pathOrInlineDv: 'x', sizeInBytes: 1, cardinality: 1 } },
  })
  await expect(stored()).rejects.toMatchObject({
    ...{ code: 'FTI_TABLE_UNSUPPORTED', message: expect.stringContaining('deletion vectors') },
  })
})

test('a writer of the future is refused by its number, and what was before it stays readable', async () => {
  const { append, path, stored } = await oneRow()
  append(1, { protocol: { minReaderVersion: 9, minWriterVersion: 9 } })
  await expect(stored()).rejects.toMatchObject({
    ...{ code: 'FTI_TABLE_UNSUPPORTED', exit: 2, message: expect.stringContaining('reader version 9') },
  })
  expect((await readSnapshot(path, 0))?.rows).toBe(1)
})

test('a writer version of the future alone stops writing alone', async () => {
  const { append, stored, store, engine } = await oneRow()
  append(1, { protocol: { minReaderVersion: 1, minWriterVersion: 9 } })
  expect(await stored()).toHaveLength(1)
  const commit = store.commit(engine, v1, delayRows(['JFK', '2013-01-09 00:00', 9]), '2013-01-10T00:00:00Z')
  await expect(commit).rejects.toMatchObject({ message: expect.stringContaining('writer version 9') })
})

test('a nested column that no contract names is left alone, and kept by a compaction', async () => {
  const { put, append, log, stored, path, engine } = await oneRow()
  const metaData =
    readFileSync(log(0), 'utf8')
      .split('\n')
      .find((line) => line.includes('"metaData"')) ?? ''
  const nested =
    '{"name":"tags","type":{"type":"array","elementType":"string","containsNull":true},"nullable":true,"metadata":{}}'
  const action = JSON.parse(metaData) as { metaData: { schemaString: string } }
  action.metaData.schemaString = action.metaData.schemaString.replace('"fields":[', `"fields":[${nested},`)
  const row = theirRow('EWR', '2013-01-02 00:00:00', '2.0::DOUBLE', 2).replace('SELECT', "SELECT ['x'] AS tags,")
  append(1, action, { add: await put('theirs.parquet', row) })
  expect((await stored()).map(({ delay }) => delay)).toEqual([1, 2])
  await optimizeTable(path, { engine, now: new Date() })
  const snapshot = await readSnapshot(path)
  expect(snapshot?.files).toHaveLength(1)
  const tags = snapshot && tableRelation(snapshot)
  expect(await engine.rows(`SELECT tags FROM (${tags}) ORDER BY delay`)).toEqual([{ tags: null }, { tags: ['x'] }])
})

test('a half-written entry of another writer is named with its line', async () => {
  const { append, log, stored } = await oneRow()
  append(1)
  appendFileSync(log(1), '\n{"add":{"path":"half')
  await expect(stored()).rejects.toMatchObject({ code: 'FTI_TABLE_CORRUPT', place: `${log(1)}:2` })
})
