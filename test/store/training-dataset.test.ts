import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Engine } from '../../src/engine/index.ts'
import {
  type DatasetToWrite,
  listDatasets,
  readDataset,
  splitByTime,
  type TrainingDataset,
  writeDataset,
} from '../../src/store/index.ts'
import { TemporaryStore } from './temporary-store.ts'

const day = 86_400_000
const model = 'late_departure'
/** One row a day, from the 1st to the 31st. */
const rows = `SELECT i AS _row, TIMESTAMPTZ '2013-01-01 00:00:00Z' + to_days(i::INT) AS t, i / 2 AS delay, i % 2 AS _label
  FROM range(31) r(i) ORDER BY hash(i)`
const lengths = { by: 'time', testMs: 5 * day, validationMs: 5 * day, gapMs: day } as const

async function write(
  store: TemporaryStore,
  engine: Engine,
  more: Partial<DatasetToWrite> = {},
): Promise<TrainingDataset> {
  return writeDataset({
    engine,
    root: store.root,
    model,
    relation: rows,
    time: 't',
    split: await splitByTime(engine, { relation: rows, time: 't', split: lengths, model }),
    asOf: new Date('2013-02-01'),
    snapshots: [{ group: 'delays', contractVersion: 1, snapshot: 4 }],
    inputs: { spine: 'abc' },
    now: new Date('2013-02-02'),
    ...more,
  })
}

test('the parts are counted back from the newest row, with a gap between them', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const dataset = await write(store, engine)
  expect(dataset.boundaries).toEqual({
    trainedUntil: '2013-01-19T00:00:00.000Z',
    validationStarts: '2013-01-20T00:00:00.000Z',
    validationEnds: '2013-01-25T00:00:00.000Z',
    testStarts: '2013-01-26T00:00:00.000Z',
    testEnds: '2013-01-31T00:00:00.000Z',
  })
  expect(dataset.rows).toEqual({ train: 18, validation: 5, test: 6 })
  const times = await engine.rows<{ first: string; last: string }>(
    `SELECT min(t) AS first, max(t) AS last FROM '${dataset.paths.validation}'`,
  )
  expect(times).toEqual([{ first: '2013-01-20T00:00:00.000Z', last: '2013-01-24T00:00:00.000Z' }])
})

test('the manifest says what the dataset was made from and what it holds', async () => {
  const store = new TemporaryStore()
  const dataset = await write(store, await store.engine())
  expect(JSON.parse(await readFile(join(dataset.directory, 'manifest.json'), 'utf8'))).toMatchObject({
    format: 1,
    id: dataset.id,
    model,
    asOf: '2013-02-01T00:00:00.000Z',
    created: '2013-02-02T00:00:00.000Z',
    snapshots: [{ group: 'delays', contractVersion: 1, snapshot: 4 }],
    inputs: { spine: 'abc' },
    columns: [
      { name: '_row', type: 'int64' },
      { name: 't', type: 'timestamp' },
      { name: 'delay', type: 'float64' },
      { name: '_label', type: 'int64' },
    ],
    files: { train: { rows: 18 } },
  })
})

test('the same inputs find the dataset that is there', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const first = await write(store, engine)
  const again = await write(store, engine, { now: new Date('2014-01-01') })
  expect(again).toEqual(first)
  expect(await readdir(join(store.root, '_training', model))).toEqual([first.id])
})

test('other inputs make another dataset, and the first stays', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const first = await write(store, engine)
  const second = await write(store, engine, { inputs: { spine: 'abd' }, now: new Date('2013-03-01') })
  expect((await listDatasets(store.root, model)).map(({ id }) => id)).toEqual([second.id, first.id])
})

test('made again elsewhere, a dataset has the same bytes in the same order', async () => {
  const [here, there] = [new TemporaryStore(), new TemporaryStore()]
  const first = await write(here, await here.engine())
  const second = await write(there, await there.engine(), { now: new Date('2014-01-01') })
  expect(second.digest).toBe(first.digest)
  expect(await readFile(second.paths.train)).toEqual(await readFile(first.paths.train))
})

test('two that write the same dataset at once both get it', async () => {
  const store = new TemporaryStore()
  const [one, other] = [await store.engine(), await store.engine()]
  const [first, second] = await Promise.all([write(store, one), write(store, other)])
  expect(second.digest).toBe(first.digest)
  expect(await readdir(join(store.root, '_training', model))).toEqual([first.id])
})

test('a dataset that has lost its manifest is damaged, and not unknown', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const dataset = await write(store, engine)
  await rm(join(dataset.directory, 'manifest.json'))
  const corrupt = { code: 'FTI_DATASET_CORRUPT', remedy: expect.stringContaining(dataset.directory) }
  await expect(readDataset(store.root, model, dataset.id)).rejects.toMatchObject(corrupt)
  await expect(write(store, engine)).rejects.toMatchObject(corrupt)
  const listed = { id: dataset.id, corrupt: expect.stringContaining('manifest.json is missing') }
  expect(await listDatasets(store.root, model)).toEqual([listed])
})

test('a changed, a missing file and a changed manifest are found out', async () => {
  const store = new TemporaryStore()
  const dataset = await write(store, await store.engine())
  const corrupt = { code: 'FTI_DATASET_CORRUPT' }
  const path = join(dataset.directory, 'manifest.json')
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace('"rows": 18', '"rows": 19'))
  await expect(readDataset(store.root, model, dataset.id)).rejects.toMatchObject(corrupt)
  await writeFile(path, text.slice(0, 100))
  await expect(readDataset(store.root, model, dataset.id)).rejects.toMatchObject(corrupt)
  await writeFile(path, text)
  expect(await readDataset(store.root, model, dataset.id)).toEqual(dataset)
  await appendFile(dataset.paths.test, 'x')
  await expect(readDataset(store.root, model, dataset.id)).rejects.toMatchObject(corrupt)
  await rm(dataset.paths.test)
  await expect(readDataset(store.root, model, dataset.id)).rejects.toMatchObject(corrupt)
})

test('a damaged dataset hides no other in a listing', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const bad = await write(store, engine)
  const good = await write(store, engine, { inputs: {} })
  await writeFile(join(bad.directory, 'manifest.json'), '{}')
  const list = await listDatasets(store.root, model)
  expect(list.map((entry) => [entry.id, 'dataset' in entry])).toEqual([
    [good.id, true],
    [bad.id, false],
  ])
})

test('an unknown dataset is an error that names what there is', async () => {
  const store = new TemporaryStore()
  const { id } = await write(store, await store.engine())
  await expect(readDataset(store.root, model, id.replace(/.$/, 'x'))).rejects.toMatchObject({
    code: 'FTI_DATASET_UNKNOWN',
    data: { known: [id] },
  })
  await expect(readDataset(store.root, '../x', id)).rejects.toMatchObject({ code: 'FTI_NAME_UNSAFE' })
})

test('a part without rows is an error that names it, and leaves nothing behind', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const split = (testMs: number, validationMs: number) =>
    splitByTime(engine, { relation: rows, time: 't', split: { ...lengths, testMs, validationMs }, model })
  await expect(split(40 * day, day)).rejects.toMatchObject({ code: 'FTI_SPLIT_EMPTY', data: { part: 'train' } })
  await expect(split(5 * day, 0)).rejects.toMatchObject({ code: 'FTI_SPLIT_EMPTY', data: { part: 'validation' } })
  const none = splitByTime(engine, {
    relation: `SELECT * FROM (${rows}) WHERE false`,
    time: 't',
    split: lengths,
    model,
  })
  await expect(none).rejects.toMatchObject({ code: 'FTI_SPLIT_EMPTY' })
  const byHand = { ...(await split(5 * day, 5 * day)), parts: { train: 'true', validation: 'false', test: 'false' } }
  await expect(write(store, engine, { split: byHand })).rejects.toMatchObject({ data: { part: 'validation' } })
  expect(await readdir(join(store.root, '_training', model))).toEqual([])
})
