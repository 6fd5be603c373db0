import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type ColumnBatch, openEngine, quoteName, quoteText } from '../../src/engine/index.ts'
import { temporaryEngine, temporaryFolder } from './temporary-engine.ts'

test('rows come back as plain values', async () => {
  const { engine } = await temporaryEngine()
  const rows = await engine.rows(`SELECT 7::BIGINT AS small, 9007199254740993 AS large, 1.5::DECIMAL(10, 2) AS decimal,
    TIMESTAMPTZ '2013-01-01 00:00:00.5Z' AS at, TIMESTAMP '1969-12-31 23:59:59.999999' AS micros, DATE '2013-01-31' AS day,
    sum(3)::HUGEINT AS huge, [1, 2] AS list, NULL AS nothing, true AS yes, 'é"''' AS text`)
  expect(rows).toEqual([
    {
      small: 7,
      large: '9007199254740993',
      decimal: 1.5,
      at: '2013-01-01T00:00:00.500Z',
      micros: '1969-12-31T23:59:59.999999Z',
      day: '2013-01-31',
      huge: 3,
      list: [1, 2],
      nothing: null,
      yes: true,
      text: `é"'`,
    },
  ])
})

const typed = `SELECT i::INTEGER AS i32, i::BIGINT * 1000000000000 AS i64, i / 3.0 AS f64, (i / 2)::FLOAT AS f32, i % 2 = 0 AS flag,
  to_timestamp(i) + INTERVAL 1 MICROSECOND AS at, DATE '1970-01-01' + i::INTEGER AS day, 'ü' || i AS text,
  i::DECIMAL(12, 2) AS dec, CASE WHEN i % 3 <> 0 THEN i::DOUBLE END AS gaps FROM range(-2, 5000) r(i)`

test('columns are typed arrays over all chunks, with nulls marked', async () => {
  const { engine } = await temporaryEngine()
  const batch = await engine.columns(typed)
  expect(batch.rows).toBe(5002)
  expect(values(batch, 'i32', 0, 1, 5001)).toEqual([-2, -1, 4999])
  expect(values(batch, 'i64', 0, 5001)).toEqual([-2e12, 4999e12])
  expect(values(batch, 'f32', 5)).toEqual([1.5])
  expect(values(batch, 'flag', 0, 1)).toEqual([1, 0])
  expect(values(batch, 'at', 0, 3)).toEqual([-1999.999, 1000.001])
  expect(values(batch, 'day', 0, 3)).toEqual([-2 * 86_400_000, 86_400_000])
  expect(values(batch, 'text', 0)).toEqual(['ü-2'])
  expect(values(batch, 'dec', 0)).toEqual([-2])
  const gaps = batch.columns['gaps']
  if (gaps?.kind !== 'number') throw new Error('expected numbers')
  expect([...gaps.nulls.subarray(0, 6)]).toEqual([0, 0, 1, 0, 0, 1])
  expect(gaps.values[2]).toBeNaN()
  expect(gaps.nulls.reduce((sum, bit) => sum + bit, 0)).toBe(1667)
})

test('an infinite timestamp is an infinite number', async () => {
  const { engine } = await temporaryEngine()
  const batch = await engine.columns(`SELECT unnest(['infinity'::TIMESTAMPTZ, '-infinity'::TIMESTAMPTZ]) AS at`)
  expect(values(batch, 'at', 0, 1)).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
})

test('an empty result keeps its columns', async () => {
  const { engine } = await temporaryEngine()
  const batch = await engine.columns('SELECT 1::DOUBLE AS a, NULL::VARCHAR AS b WHERE false')
  expect(batch).toEqual({
    rows: 0,
    columns: {
      a: { kind: 'number', values: new Float64Array(), nulls: new Uint8Array() },
      b: { kind: 'text', values: [] },
    },
  })
})

test('a stream gives the same values in pieces, while the engine answers other queries', async () => {
  const { engine } = await temporaryEngine()
  await engine.execute('CREATE TABLE t AS SELECT i FROM range(10000) r(i)')
  let sum = 0
  let pieces = 0
  for await (const batch of engine.stream('SELECT i FROM t')) {
    const column = batch.columns['i']
    if (column?.kind === 'number') sum += column.values.reduce((total, value) => total + value, 0)
    pieces++
    expect(await engine.rows('SELECT count(*) AS n FROM t')).toEqual([{ n: 10000 }])
  }
  expect(sum).toBe(49_995_000)
  expect(pieces).toBeGreaterThan(1)
})

test('columns appended to a table come back equal', async () => {
  const { engine } = await temporaryEngine()
  const batch = await engine.columns(typed)
  const types = await engine.describe(typed)
  await engine.execute(
    `CREATE TABLE copy (${types.map(({ name, type }) => `${quoteName(name)} ${name === 'dec' ? 'DOUBLE' : type}`)})`,
  )
  await engine.appendColumns('copy', batch)
  expect(await engine.columns('SELECT * FROM copy')).toEqual(batch)
  const [wrong] = await engine.rows<{ n: number }>(
    `SELECT count(*) AS n FROM (SELECT * EXCLUDE (dec) FROM copy EXCEPT ALL SELECT * EXCLUDE (dec) FROM (${typed}))`,
  )
  expect(wrong?.n).toBe(0)
})

test('columns that do not fit the table are refused', async () => {
  const { engine } = await temporaryEngine()
  await engine.execute('CREATE TABLE t (a DOUBLE)')
  const text = { kind: 'text', values: ['x'] } as const
  const number = { kind: 'number', values: new Float64Array(1), nulls: new Uint8Array(1) } as const
  for (const columns of [{}, { a: { ...text, values: ['x'] } }, { a: number, b: number }]) {
    await expect(engine.appendColumns('t', { rows: 1, columns })).rejects.toMatchObject({
      code: 'FTI_COLUMNS_MISMATCH',
    })
  }
})

test('a written Parquet file reports rows, bytes and statistics', async () => {
  const { engine, folder } = await temporaryEngine()
  mkdirSync(folder)
  const path = join(folder, `it's "here" 🛫.parquet`)
  const file = await engine.writeParquet(
    `SELECT i AS "a""b", CASE WHEN i > 1 THEN 'nan'::DOUBLE ELSE 1 END AS nan, NULL::VARCHAR AS none FROM range(5) r(i)`,
    path,
  )
  expect(file).toMatchObject({ path, rows: 5, statistics: { 'a"b': { min: '0', max: '4', nullCount: 0 } } })
  expect(file.bytes).toBeGreaterThan(100)
  expect(file.statistics['nan']?.hasNan).toBe(true)
  expect(file.statistics['none']).toMatchObject({ nullCount: 5, min: undefined })
  expect(await engine.rows(`SELECT count(*) AS n FROM ${quoteName(path)}`)).toEqual([{ n: 5 }])
})

test('a failing query is an error with a code, the first line, and the caret', async () => {
  const { engine } = await temporaryEngine()
  await expect(engine.rows('SELECT nope FROM range(3)')).rejects.toMatchObject({
    code: 'FTI_SQL_FAILED',
    message: expect.stringContaining('"nope" not found'),
    detail: expect.stringMatching(/LINE 1: SELECT nope.*\n\s+\^/),
  })
})

test('cancelling stops a running query and leaves the engine usable', async () => {
  const { engine } = await temporaryEngine()
  const abort = new AbortController()
  const running = engine.execute(
    'CREATE TABLE x AS SELECT sum(a.i * b.i) FROM range(1000000) a(i), range(1000000) b(i)',
    abort.signal,
  )
  const begun = Date.now()
  setTimeout(() => abort.abort(), 50)
  await expect(running).rejects.toMatchObject({ code: 'FTI_INTERRUPTED', exit: 130 })
  expect(Date.now() - begun).toBeLessThan(5000)
  expect(await engine.rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a query beyond the memory limit says so with exit code 7', async () => {
  const { engine } = await temporaryEngine({ memoryLimitBytes: 20_000_000 })
  const sql = "SELECT list(i || repeat('x', 1000)) AS l FROM range(1000000) r(i)"
  await expect(engine.execute(`CREATE TABLE t AS ${sql}`)).rejects.toMatchObject({ exit: 7 })
})

test('closing removes the folder for spilled data', async () => {
  const folder = temporaryFolder()
  const engine = await openEngine({ tempDirectory: folder, allowedDirectories: [folder] })
  expect(readdirSync(folder)).toHaveLength(1)
  await engine.close()
  expect(readdirSync(folder)).toEqual([])
})

test('quoting makes any name and text safe', async () => {
  const { engine } = await temporaryEngine()
  const name = `a"; COPY (SELECT 1) TO '/tmp/x'; --`
  expect(await engine.rows(`SELECT ${quoteText(name)} AS ${quoteName(name)}`)).toEqual([{ [name]: name }])
  expect(() => quoteName('a\0b')).toThrow()
})

function values(batch: ColumnBatch, name: string, ...rows: number[]): unknown[] {
  return rows.map((row) => batch.columns[name]?.values[row])
}

test('takes half of what a container may have, where that is less than the machine has', async () => {
  const limit = vi.spyOn(process, 'constrainedMemory').mockReturnValue(1024 * 1024 * 1024)
  onTestFinished(() => limit.mockRestore())
  const { engine } = await temporaryEngine()
  expect(await engine.rows("SELECT current_setting('memory_limit') AS bytes")).toEqual([{ bytes: '512.0 MiB' }])
})

test('a file that cannot be read is not called a fault of the statement', async () => {
  const { engine, folder } = await temporaryEngine()
  const missing = engine.rows(`SELECT * FROM read_parquet(${quoteText(join(folder, 'gone.parquet'))})`)
  await expect(missing).rejects.toMatchObject({
    code: 'FTI_SQL_FAILED',
    remedy: expect.stringMatching(/^see whether the file that it names is there/),
  })
})
