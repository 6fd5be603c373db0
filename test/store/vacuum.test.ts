import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Engine } from '../../src/engine/index.ts'
import { writeCheckpoint } from '../../src/store/delta/write-checkpoint.ts'
import {
  openGroup,
  publishContract,
  readSnapshot,
  splitByTime,
  tablePath,
  vacuumStore,
  writeDataset,
} from '../../src/store/index.ts'
import { optimizeTable } from '../../src/store/maintenance/optimize-table.ts'
import { delayRows, delays, published, TemporaryStore } from './temporary-store.ts'

const v1 = published(delays)
const day = 86_400_000

interface Table {
  readonly store: TemporaryStore
  readonly engine: Engine
  readonly path: string
  /** Data files that lie in the table's folder. */
  readonly files: () => string[]
  readonly vacuum: (now: string, apply?: boolean, retentionMs?: number) => ReturnType<typeof vacuumStore>
}

/** Three commits on the 2nd, 3rd and 4th of January, joined on the 10th into version 3. */
async function optimized(): Promise<Table> {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const first = { version: 1, changes: [], class: 'first', by: 'test', now: new Date('2013-01-01T00:00:00Z') } as const
  await publishContract(store.root, delays, first)
  for (const date of ['2013-01-02', '2013-01-03', '2013-01-04'])
    await store.commit(engine, v1, delayRows(['JFK', `${date} 00:00`, 1]), `${date}T12:00:00Z`)
  const path = tablePath(store.root, 'delays', 1)
  await optimizeTable(path, { engine, now: new Date('2013-01-10T00:00:00Z') })
  return {
    ...{ store, engine, path },
    files: () => readdirSync(path).filter((name) => name.endsWith('.parquet')),
    vacuum: (now, apply = true, retentionMs = 7 * day) =>
      vacuumStore({ root: store.root, groups: [], now: new Date(now), retentionMs, apply }),
  }
}

test('it names what would go, and deletes nothing unless it is told to', async () => {
  const { vacuum, files, store, engine } = await optimized()
  const [named] = await vacuum('2013-01-20T00:00:00Z', false)
  expect(named).toMatchObject({ group: 'delays', name: 'v1', deleted: false, kept: { files: 0 } })
  expect(named?.files.map(({ removedBy }) => removedBy)).toEqual([3, 3, 3])
  expect(files()).toHaveLength(4)
  const [deleted] = await vacuum('2013-01-20T00:00:00Z')
  expect(deleted).toEqual({ ...named, deleted: true })
  expect(files()).toHaveLength(1)
  expect(await store.stored(engine, v1)).toHaveLength(3)
})

test('a snapshot that was the newest one within the retention stays whole', async () => {
  const { vacuum, files } = await optimized()
  // Version 2 was the newest one until the 10th: seven days after that it may go.
  await vacuum('2013-01-16T23:59:00Z')
  expect(files()).toHaveLength(4)
  await vacuum('2013-01-17T00:00:00Z')
  expect(files()).toHaveLength(1)
})

test('a snapshot that is vacuumed says so when it is read', async () => {
  const { vacuum, store } = await optimized()
  await vacuum('2013-01-20T00:00:00Z')
  await expect(openGroup(store.root, 'delays', { at: 1 })).rejects.toMatchObject({
    ...{ code: 'FTI_TABLE_CORRUPT', remedy: expect.stringContaining('vacuum') },
  })
})

test('the snapshot of a training dataset stays readable, in as few files as hold its rows', async () => {
  const { vacuum, files, engine, store, path } = await optimized()
  const dataset = async (snapshot: number) => {
    const { reference } = await openGroup(store.root, 'delays', { at: snapshot })
    const relation = `SELECT i AS _row, TIMESTAMPTZ '2013-01-01 00:00:00Z' + to_days(i::INT) AS t FROM range(31) r(i)`
    const lengths = { by: 'time', testMs: 5 * day, validationMs: 5 * day, gapMs: day } as const
    const split = await splitByTime(engine, { relation, time: 't', split: lengths, model: 'late' })
    const asOf = new Date('2013-01-11T00:00:00Z')
    const request = { engine, root: store.root, model: 'late', relation, time: 't', split, asOf }
    return writeDataset({ ...request, snapshots: [reference], inputs: {} })
  }
  await dataset(1)
  await dataset(2)
  const [result] = await vacuum('2013-02-20T00:00:00Z')
  // Version 1 needs its two files; version 2 has the rows of the joined one.
  expect(result).toMatchObject({ kept: { files: 2 } })
  expect(files()).toHaveLength(3)
  expect((await openGroup(store.root, 'delays', { at: 1 })).snapshot.rows).toBe(2)
  expect((await openGroup(store.root, 'delays', { at: 2 })).snapshot.rows).toBe(3)
  expect((await readSnapshot(path))?.version).toBe(3)
})

test('a dataset that cannot be read may need any file, so none goes', async () => {
  const { vacuum, files, store } = await optimized()
  const folder = join(store.root, '_training/late/abc')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'manifest.json'), '{')
  await expect(vacuum('2013-02-20T00:00:00Z')).rejects.toMatchObject({ code: 'FTI_DATASET_CORRUPT', exit: 5 })
  expect(files()).toHaveLength(4)
})

test('a file that no snapshot has goes when it is too old to be on its way into one', async () => {
  const { vacuum, files, path } = await optimized()
  for (const [name, date] of [
    ['old.parquet', '2013-01-01'],
    ['young.parquet', '2013-01-19T12:00:00Z'],
  ] as const) {
    writeFileSync(join(path, name), 'x')
    utimesSync(join(path, name), new Date(date), new Date(date))
  }
  // A retention of nothing: the file of yesterday afternoon may still belong to a writer at work.
  await vacuum('2013-01-20T00:00:00Z', true, 0)
  expect(files().filter((name) => !name.startsWith('part-'))).toEqual(['young.parquet'])
})

test('folders that are not data are left alone', async () => {
  const { vacuum, path } = await optimized()
  for (const folder of ['_change_data', '.staging-x', 'day=2013-01-01']) {
    mkdirSync(join(path, folder))
    writeFileSync(join(path, folder, 'a.parquet'), 'x')
    utimesSync(join(path, folder, 'a.parquet'), 0, 0)
  }
  await vacuum('2013-01-20T00:00:00Z')
  expect(existsSync(join(path, '_change_data/a.parquet'))).toBe(true)
  expect(existsSync(join(path, '.staging-x/a.parquet'))).toBe(true)
  expect(existsSync(join(path, 'day=2013-01-01/a.parquet'))).toBe(false)
})

test('where the log begins with a checkpoint, its files are not taken for strangers', async () => {
  const { vacuum, files, engine, store, path } = await optimized()
  const snapshot = await readSnapshot(path)
  if (snapshot === undefined) throw new Error('no table')
  await writeCheckpoint(engine, snapshot)
  for (const version of [0, 1, 2]) rmSync(join(path, `_delta_log/${String(version).padStart(20, '0')}.json`))
  await vacuum('2013-01-20T00:00:00Z')
  expect(files()).toHaveLength(1)
  expect(await store.stored(engine, v1)).toHaveLength(3)
})
