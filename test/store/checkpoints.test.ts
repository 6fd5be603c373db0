import { existsSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Engine } from '../../src/engine/index.ts'
import { writeCheckpoint } from '../../src/store/delta/write-checkpoint.ts'
import { readHistory, readSnapshot, type Snapshot, tablePath } from '../../src/store/index.ts'
import { delayRows, delays, published, TemporaryStore } from './temporary-store.ts'

const v1 = published(delays)

interface Table {
  readonly store: TemporaryStore
  readonly engine: Engine
  readonly path: string
  /** A file of the log, by its version and ending. */
  readonly log: (version: number, ending?: string) => string
}

/** A table of five versions, a row each, committed on the 2nd to the 6th of January. */
async function fiveVersions(): Promise<Table> {
  const store = new TemporaryStore()
  const engine = await store.engine()
  for (const day of [2, 3, 4, 5, 6]) {
    await store.commit(engine, v1, delayRows(['JFK', `2013-01-0${day} 00:00`, day]), `2013-01-0${day}T12:00:00Z`)
  }
  const path = tablePath(store.root, 'delays', 1)
  const log = (version: number, ending = 'json') =>
    join(path, `_delta_log/${String(version).padStart(20, '0')}.${ending}`)
  return { store, engine, path, log }
}

async function checkpointed(...versions: number[]): Promise<Table> {
  const table = await fiveVersions()
  for (const version of versions) await writeCheckpoint(table.engine, await snapshotOf(table, version))
  return table
}

async function snapshotOf({ path }: Table, version?: number): Promise<Snapshot> {
  const snapshot = await readSnapshot(path, version)
  if (snapshot === undefined) throw new Error('no table')
  return snapshot
}

function cleanUp({ log }: Table, ...versions: number[]): void {
  for (const version of versions) rmSync(log(version))
}

test('a snapshot from a checkpoint is the one that the whole log tells', async () => {
  const table = await checkpointed(3)
  const { state: _, checkpoint: __, ...told } = await snapshotOf(table)
  // The entry of the checkpoint's own version stays, as log clean-up leaves it.
  cleanUp(table, 0, 1, 2)
  const { state: ___, checkpoint, ...read } = await snapshotOf(table)
  expect(checkpoint).toBe(3)
  expect({
    ...read,
    files: read.files.map(({ add: { dataChange: _, ...add }, ...file }) => ({ ...file, add })),
  }).toEqual({
    ...told,
    files: told.files.map(({ add: { dataChange: _, ...add }, ...file }) => ({ ...file, add })),
  })
  expect(await table.store.stored(table.engine, v1)).toHaveLength(5)
})

test('what a run remembers survives a checkpoint: the transaction, the last sequence, the input', async () => {
  const table = await checkpointed(4)
  cleanUp(table, 0, 1, 2, 3)
  const again = await table.store.commit(
    table.engine,
    v1,
    delayRows(['JFK', '2013-01-06 00:00', 6], ['EWR', '2013-01-07 00:00', 7]),
    '2013-01-07T12:00:00Z',
  )
  expect(again).toMatchObject({ snapshot: 5, appended: 1, unchanged: 1 })
  const snapshot = await snapshotOf(table)
  expect(snapshot.transactions.get('fti/delays')).toBe(5)
  expect(snapshot.mark).toMatchObject({ lastSequence: 6, restatedEver: 0 })
})

test('after log clean-up history and time travel reach as far back as the log', async () => {
  const table = await checkpointed(3)
  cleanUp(table, 0, 1, 2)
  expect((await readHistory(table.path)).map(({ version }) => version)).toEqual([4, 3])
  expect((await readSnapshot(table.path, new Date('2013-01-05T13:00:00Z')))?.version).toBe(3)
  await expect(readSnapshot(table.path, new Date('2013-01-04T13:00:00Z'))).rejects.toMatchObject({
    code: 'FTI_SNAPSHOT_UNKNOWN',
  })
  await expect(readSnapshot(table.path, 2)).rejects.toMatchObject({ code: 'FTI_TABLE_CORRUPT' })
})

test('a checkpoint without the entry of its version is enough', async () => {
  const table = await checkpointed(4)
  cleanUp(table, 0, 1, 2, 3, 4)
  expect(await snapshotOf(table)).toMatchObject({ version: 4, rows: 5, timestamp: Date.parse('2013-01-06T12:00:00Z') })
})

test('a checkpoint that is cut short falls back to an older one, then to the log', async () => {
  const table = await checkpointed(1, 3)
  cleanUp(table, 0)
  truncateSync(table.log(3, 'checkpoint.parquet'), 100)
  expect((await snapshotOf(table)).rows).toBe(5)
  const whole = await checkpointed(3)
  truncateSync(whole.log(3, 'checkpoint.parquet'), 100)
  expect((await snapshotOf(whole)).rows).toBe(5)
})

test('a checkpoint that is cut short, without the log before it, is corruption that names it', async () => {
  const table = await checkpointed(3)
  cleanUp(table, 0, 1, 2)
  truncateSync(table.log(3, 'checkpoint.parquet'), 100)
  await expect(readSnapshot(table.path)).rejects.toMatchObject({
    ...{ code: 'FTI_TABLE_CORRUPT', exit: 5 },
    place: table.log(3, 'checkpoint.parquet'),
  })
})

test('a hole behind a checkpoint is named, one before it does no harm', async () => {
  const table = await checkpointed(2)
  cleanUp(table, 1)
  expect((await snapshotOf(table)).rows).toBe(5)
  cleanUp(table, 3)
  await expect(readSnapshot(table.path)).rejects.toMatchObject({ code: 'FTI_TABLE_CORRUPT', place: table.log(3) })
})

test.each([
  ['is damaged', '{"version":'],
  ['is stale', '{"version":0,"size":3}'],
  ['names a checkpoint that is not there', '{"version":77,"size":3}'],
])('a _last_checkpoint that %s does no harm', async (_, text) => {
  const table = await checkpointed(3)
  writeFileSync(join(table.path, '_delta_log/_last_checkpoint'), text)
  cleanUp(table, 0, 1, 2)
  expect((await snapshotOf(table)).rows).toBe(5)
})

test('a checkpoint in several parts is read when all of them are there', async () => {
  const table = await checkpointed(3)
  const whole = table.log(3, 'checkpoint.parquet')
  const part = (number: number) => table.log(3, `checkpoint.000000000${number}.0000000002.parquet`)
  await table.engine.writeParquet(`SELECT * FROM read_parquet('${whole}') WHERE "add" IS NULL`, part(1))
  await table.engine.writeParquet(`SELECT * FROM read_parquet('${whole}') WHERE "add" IS NOT NULL`, part(2))
  rmSync(whole)
  cleanUp(table, 0, 1, 2)
  expect((await snapshotOf(table)).rows).toBe(5)
  renameSync(part(2), `${part(2)}.lost`)
  await expect(readSnapshot(table.path)).rejects.toMatchObject({ code: 'FTI_TABLE_CORRUPT', exit: 5 })
})

test('the commit after a hundred versions leaves a checkpoint, and says so to other readers', async () => {
  const table = await fiveVersions()
  const entry = readFileSync(table.log(4), 'utf8')
    .split('\n')
    .find((line) => line.includes('commitInfo'))
  for (let version = 5; version <= 100; version++) writeFileSync(table.log(version), `${entry}\n`)
  await table.store.commit(table.engine, v1, delayRows(['EWR', '2013-01-07 00:00', 7]), '2013-01-07T12:00:00Z')
  expect(existsSync(table.log(100, 'checkpoint.parquet'))).toBe(true)
  expect(JSON.parse(readFileSync(join(table.path, '_delta_log/_last_checkpoint'), 'utf8'))).toMatchObject({
    ...{ version: 100, size: 8, numOfAddFiles: 5 },
  })
  cleanUp(table, ...Array.from({ length: 101 }, (_, version) => version))
  expect(await snapshotOf(table)).toMatchObject({ version: 101, rows: 6, checkpoint: 100 })
  expect(readdirSync(join(table.path, '_delta_log')).filter((name) => name.startsWith('.staging'))).toEqual([])
})

test('removed files stay in a checkpoint for a week, then they go', async () => {
  const table = await fiveVersions()
  const remove = (path: string, day: number) => ({
    remove: { path, dataChange: true, deletionTimestamp: Date.UTC(2013, 0, day), extendedFileMetadata: true, size: 1 },
  })
  const info = { commitInfo: { timestamp: Date.UTC(2013, 0, 20), operation: 'DELETE' } }
  const lines = [info, remove('long%20ago', 2), remove('yesterday', 19)]
  writeFileSync(table.log(5), lines.map((line) => JSON.stringify(line)).join('\n'))
  await writeCheckpoint(table.engine, await snapshotOf(table))
  cleanUp(table, 0, 1, 2, 3, 4)
  expect([...(await snapshotOf(table)).state.removed.keys()]).toEqual(['yesterday'])
})
