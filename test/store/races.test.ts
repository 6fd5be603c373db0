import { spawn } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { commitRows, readHistory, readSnapshot, tablePath } from '../../src/store/index.ts'
import { delayRows, delays, published, TemporaryStore } from './temporary-store.ts'

const v1 = published(delays)

test('many writers at once land each once, and sequences stay unique', async () => {
  const store = new TemporaryStore()
  const engines = await Promise.all(Array.from({ length: 4 }, () => store.engine()))
  const batches = engines.map((engine, index) =>
    store.commit(
      engine,
      v1,
      delayRows([`A${index}`, '2013-01-01 00:00', index], [`B${index}`, '2013-01-01 01:00', index]),
      '2013-01-02T00:00:00Z',
    ),
  )
  const results = await Promise.all(batches)
  expect(results.map((result) => result.snapshot).sort()).toEqual([0, 1, 2, 3])
  const engine = await store.engine()
  const rows = (await store.stored(engine, v1)) as { _sequence: number }[]
  expect(rows.map((row) => row._sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  const snapshot = await readSnapshot(tablePath(store.root, 'delays', 1))
  expect(snapshot?.transactions.get('fti/delays')).toBe(3)
  const files = readdirSync(tablePath(store.root, 'delays', 1))
  expect(files.filter((name) => name.endsWith('.parquet'))).toHaveLength(4)
  expect(files.filter((name) => name.startsWith('.staging'))).toEqual([])
})

test('two runs with the same rows at once make one version', async () => {
  const store = new TemporaryStore()
  const rows = delayRows(['JFK', '2013-01-01 00:00', 1], ['EWR', '2013-01-01 01:00', 2])
  const engines = await Promise.all([store.engine(), store.engine()])
  const results = await Promise.all(engines.map((engine) => store.commit(engine, v1, rows, '2013-01-02T00:00:00Z')))
  expect(results.map((result) => result.appended).sort()).toEqual([0, 2])
  expect(await readHistory(tablePath(store.root, 'delays', 1))).toHaveLength(1)
})

test('an attempt that lost a race is known from its repetition on, and compares with what won', async () => {
  const store = new TemporaryStore()
  const [engine, rival] = [await store.engine(), await store.engine()]
  await store.commit(engine, v1, delayRows(['JFK', '2013-01-01 06:00', 1]), '2013-01-02T00:00:00Z')
  const attempts = ['2013-01-03T00:00:00Z', '2013-01-05T00:00:00Z']
  const clock = () => new Date(attempts.shift() ?? 'never')
  let isFirst = true
  const result = await commitRows({
    engine: {
      ...engine,
      // The rival commits after this attempt has compared its rows, and before it can commit them.
      writeParquet: async (...given) => {
        const theirs = delayRows(['JFK', '2013-01-01 08:00', 8], ['LGA', '2013-01-01 06:00', 6])
        if (isFirst) await store.commit(rival, v1, theirs, '2013-01-04T00:00:00Z')
        isFirst = false
        return engine.writeParquet(...given)
      },
    },
    root: store.root,
    contract: v1,
    // On time, had the rival not been faster; a correction; and a value that the rival has stored otherwise.
    candidate: delayRows(
      ['EWR', '2013-01-01 07:00', 7],
      ['JFK', '2013-01-01 06:00', 2],
      ['LGA', '2013-01-01 06:00', 5],
    ),
    inputDigest: 'x',
    runId: 'run',
    clock,
  })
  expect(result).toMatchObject({ snapshot: 2, appended: 3, restated: 2, late: 1 })
  const again = '2013-01-05T00:00:00.000Z'
  expect((await store.stored(engine, v1)).slice(3)).toEqual([
    {
      origin: 'JFK',
      at: '2013-01-01T06:00:00.000Z',
      delay: 2,
      _available_at: again,
      _committed_at: again,
      _sequence: 4,
    },
    {
      origin: 'LGA',
      at: '2013-01-01T06:00:00.000Z',
      delay: 5,
      _available_at: again,
      _committed_at: again,
      _sequence: 5,
    },
    {
      origin: 'EWR',
      at: '2013-01-01T07:00:00.000Z',
      delay: 7,
      _available_at: again,
      _committed_at: again,
      _sequence: 6,
    },
  ])
  expect((await readSnapshot(tablePath(store.root, 'delays', 1)))?.timestamp).toBe(Date.parse(again))
})

test('a writer killed before its log entry has changed nothing, and the next one repairs', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await store.commit(engine, v1, delayRows(['JFK', '2013-01-01 00:00', 1]), '2013-01-02T00:00:00Z')
  const table = tablePath(store.root, 'delays', 1)
  const writer = spawn(process.execPath, ['--import', 'jiti/register', dyingWriter(store.root)])
  const signal = await new Promise((done) => writer.once('exit', (_code, name) => done(name)))
  expect(signal).toBe('SIGKILL')
  expect(readdirSync(table).filter((name) => name.endsWith('.parquet'))).toHaveLength(2)
  expect(await store.stored(engine, v1)).toHaveLength(1)
  await store.commit(engine, v1, delayRows(['EWR', '2013-01-01 01:00', 2]), '2013-01-03T00:00:00Z')
  expect(readdirSync(table).filter((name) => name.endsWith('.parquet'))).toHaveLength(2)
  expect(readdirSync(table).filter((name) => name.startsWith('.staging'))).toEqual([])
  expect(await store.stored(engine, v1)).toHaveLength(2)
})

/** A program that puts a file into the table's folder and is killed before it commits. */
function dyingWriter(root: string): string {
  const src = JSON.stringify(resolve(import.meta.dirname, '../../src')).slice(1, -1)
  const path = join(root, '../dying-writer.ts')
  const program = `
    import { openEngine } from '${src}/engine/index.ts'
    import { openDataWriter } from '${src}/store/delta/data-writer.ts'
    const engine = await openEngine({ tempDirectory: ${JSON.stringify(join(root, '../spill'))}, allowedDirectories: [${JSON.stringify(root)}] })
    const writer = await openDataWriter(${JSON.stringify(join(root, 'delays/v1'))})
    await writer.write(engine, 'SELECT 1 AS lost')
    process.kill(process.pid, 'SIGKILL')`
  writeFileSync(path, program)
  return path
}
