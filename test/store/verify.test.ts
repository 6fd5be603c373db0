import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Engine } from '../../src/engine/index.ts'
import { writeCheckpoint } from '../../src/store/delta/write-checkpoint.ts'
import { publishContract, readSnapshot, type StoreFinding, tablePath, verifyStore } from '../../src/store/index.ts'
import { delayRows, delays, published, TemporaryStore } from './temporary-store.ts'

const v1 = published(delays)

interface Table {
  readonly store: TemporaryStore
  readonly engine: Engine
  readonly path: string
  readonly log: (version: number, ending?: string) => string
  /** The file of the newest commit. */
  readonly data: string
  readonly findings: () => Promise<readonly StoreFinding[]>
}

/** Three commits, with a checkpoint of the second one. */
async function sound(): Promise<Table> {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const first = { version: 1, changes: [], class: 'first', by: 'test', now: new Date('2013-01-01T00:00:00Z') } as const
  await publishContract(store.root, delays, first)
  for (const date of ['2013-01-02', '2013-01-03', '2013-01-04'])
    await store.commit(engine, v1, delayRows(['JFK', `${date} 00:00`, 1]), `${date}T12:00:00Z`)
  const path = tablePath(store.root, 'delays', 1)
  const [second, newest] = await Promise.all([readSnapshot(path, 1), readSnapshot(path)])
  if (second === undefined || newest === undefined) throw new Error('no table')
  await writeCheckpoint(engine, second)
  const work = { root: store.root, tempDirectory: join(store.root, '../spill'), groups: ['delays'], now: new Date() }
  return {
    ...{ store, engine, path },
    log: (version, ending = 'json') => join(path, `_delta_log/${String(version).padStart(20, '0')}.${ending}`),
    data: join(path, newest.files.at(-1)?.path ?? ''),
    findings: async () => (await verifyStore(work)).findings,
  }
}

test('a sound table has no findings', async () => {
  const { findings } = await sound()
  expect(await findings()).toEqual([])
})

test('a byte that changed in a data file is found by the digest', async () => {
  const { findings, data } = await sound()
  const bytes = readFileSync(data)
  bytes[20] = (bytes[20] ?? 0) ^ 1
  writeFileSync(data, bytes)
  expect(await findings()).toMatchObject([
    { severity: 'corrupt', place: data, problem: 'a data file is damaged: it has other bytes than were written' },
  ])
})

test('a data file that is half written or gone is found', async () => {
  const { findings, data } = await sound()
  truncateSync(data, 200)
  expect(await findings()).toMatchObject([{ place: data, problem: expect.stringContaining('has 200 bytes') }])
  rmSync(data)
  expect(await findings()).toMatchObject([{ place: data, problem: 'a data file is damaged: it is missing' }])
})

test('without a digest in the log the pages themselves tell, and the rows', async () => {
  const { findings, data, log } = await sound()
  const entry = readFileSync(log(2), 'utf8')
  const size = /"size":(\d+)/.exec(entry)?.[1]
  writeFileSync(log(2), entry.replace(/,"tags":\{[^}]*\}/, '').replace('numRecords\\":1', 'numRecords\\":5'))
  expect(await findings()).toMatchObject([
    { place: data, problem: 'a data file is damaged: it has 1 row instead of 5' },
  ])
  writeFileSync(data, Buffer.alloc(Number(size)))
  expect(await findings()).toMatchObject([{ place: data, problem: expect.stringContaining('a data file is damaged') }])
})

test('a hole in the log and a half-written entry are found, both', async () => {
  const { findings, log } = await sound()
  rmSync(log(0))
  truncateSync(log(2), 40)
  expect((await findings()).map(({ place }) => place)).toEqual([expect.stringContaining(log(2))])
  const other = await sound()
  rmSync(other.log(1))
  truncateSync(other.log(2), 40)
  expect((await other.findings()).map(({ place }) => place)).toEqual([
    ...[other.log(1), expect.stringContaining(other.log(2))],
  ])
})

test('a checkpoint that is cut short, or tells another story than the log, is found', async () => {
  const { findings, log, engine } = await sound()
  const place = log(1, 'checkpoint.parquet')
  await engine.writeParquet(`SELECT * FROM read_parquet('${place}') WHERE "add" IS NULL`, `${place}.less.parquet`)
  writeFileSync(place, readFileSync(`${place}.less.parquet`))
  expect(await findings()).toMatchObject([
    { severity: 'corrupt', place, problem: 'the checkpoint of version 1 has other files than the log' },
  ])
  truncateSync(place, 50)
  expect(await findings()).toMatchObject([{ place, remedy: expect.stringContaining('delete it') }])
})

test('a _last_checkpoint that misleads other readers is a warning', async () => {
  const { findings, path } = await sound()
  writeFileSync(join(path, '_delta_log/_last_checkpoint'), '{"version":')
  expect(await findings()).toMatchObject([{ severity: 'warning', problem: 'cannot be read' }])
})

test('rows that another engine appended without what joins need are counted', async () => {
  const { findings, path, engine, log } = await sound()
  const file = join(path, 'theirs.parquet')
  const rows = `SELECT 'JFK' AS origin, TIMESTAMPTZ '2013-01-09 00:00:00Z' AS "at", 1.0::DOUBLE AS delay,
    NULL::TIMESTAMPTZ AS _available_at, TIMESTAMPTZ '2013-01-09 00:00:00Z' AS _committed_at, 2::BIGINT AS _sequence`
  const { bytes } = await engine.writeParquet(rows, file)
  const add = { path: 'theirs.parquet', partitionValues: {}, size: bytes, modificationTime: 0, dataChange: true }
  writeFileSync(log(3), JSON.stringify({ add }))
  expect((await findings()).map(({ problem }) => problem)).toEqual([
    '1 row without _available_at',
    '1 row with the _sequence of another row',
  ])
})

test('a column that another engine has given another type is found', async () => {
  const { findings, path, log } = await sound()
  const metaData = readFileSync(log(0), 'utf8')
    .split('\n')
    .find((line) => line.includes('"metaData"'))
  appendFileSync(log(2), `${metaData?.replace('\\"type\\":\\"double\\"', '\\"type\\":\\"string\\"')}\n`)
  expect(await findings()).toMatchObject([
    { place: path, problem: 'column delay of snapshot 2 is string; the contract declares double' },
  ])
})

test('training datasets are read again when no group is named', async () => {
  const { store } = await sound()
  const work = { root: store.root, tempDirectory: join(store.root, '../spill'), groups: [], now: new Date() }
  expect(await verifyStore(work)).toEqual({ tables: 1, datasets: 0, findings: [] })
})
