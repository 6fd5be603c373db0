import { expect } from 'vitest'
import type { Contract } from '../../src/contract/index.ts'
import { readHistory, tablePath } from '../../src/store/index.ts'
import { runPython, testWithPython } from './python.ts'
import { delayRows, delays, published, TemporaryStore } from './temporary-store.ts'

const script = `
from datetime import datetime, timezone
from deltalake import DeltaTable
path, version, where = args
table = DeltaTable(path, version=version)
data = table.to_pyarrow_dataset()
import pyarrow.dataset as ds, pyarrow.compute as pc
filter = None
if where:
    column, at = where
    filter = ds.field(column) >= datetime.fromisoformat(at)
rows = data.to_table(filter=filter).sort_by('_sequence').to_pylist()
def plain(v):
  if hasattr(v, 'isoformat'): return v.isoformat()
  if v != v: return 'NaN'
  return str(v) if isinstance(v, int) and abs(v) >= 2**53 else v
print(json.dumps({
  'version': table.version(),
  'protocol': [table.protocol().min_reader_version, table.protocol().min_writer_version],
  'history': [[h.get('version'), h['operation'], h['timestamp']] for h in table.history()],
  'schema': [[f.name, f.type.type] for f in table.schema().fields],
  'rows': [{k: plain(v) for k, v in row.items()} for row in rows],
}))
`

interface Read {
  readonly version: number
  readonly protocol: number[]
  readonly history: [version: number, operation: string, timestamp: number][]
  readonly schema: [string, string][]
  readonly rows: Record<string, unknown>[]
}

function readWithDeltaRs(table: string, version: number | null = null, where: [string, string] | null = null): Read {
  return runPython<Read>(script, table, version, where)
}

testWithPython('delta-rs reads rows, versions and history as fti wrote them', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const contract = published(delays)
  await store.commit(
    engine,
    contract,
    delayRows(['JFK', '2013-01-01 06:00', 2], ['EWR', '2013-01-01 05:00:00.123456', null]),
    '2013-01-02T00:00:00Z',
  )
  await store.commit(
    engine,
    contract,
    delayRows(['JFK', '2013-01-01 06:00', 5], ['LGA', '2013-01-01 07:00', 'nan']),
    '2013-01-03T00:00:00Z',
  )
  const table = tablePath(store.root, 'delays', 1)
  const read = readWithDeltaRs(table)
  expect(read).toMatchObject({ version: 1, protocol: [1, 2] })
  expect(read.schema).toEqual([
    ['origin', 'string'],
    ['at', 'timestamp'],
    ['delay', 'double'],
    ['_available_at', 'timestamp'],
    ['_committed_at', 'timestamp'],
    ['_sequence', 'long'],
  ])
  const commits = await readHistory(table)
  expect(read.history).toEqual(commits.map(({ version, operation, time }) => [version, operation, Date.parse(time)]))
  expect(read.rows.map((row) => [row['origin'], row['at'], row['delay'], row['_sequence']])).toEqual([
    ['EWR', '2013-01-01T05:00:00.123456+00:00', null, 1],
    ['JFK', '2013-01-01T06:00:00+00:00', 2, 2],
    ['JFK', '2013-01-01T06:00:00+00:00', 5, 3],
    ['LGA', '2013-01-01T07:00:00+00:00', 'NaN', 4],
  ])
  expect(readWithDeltaRs(table, 0).rows).toEqual(read.rows.slice(0, 2))
})

testWithPython('the moment from which static values were always known is one that other readers take', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const seats: Contract = { ...delays, isStatic: true, eventTime: undefined, availability: undefined }
  const candidate = `SELECT 'JFK' AS origin, 1.0::DOUBLE AS delay, NULL::TIMESTAMPTZ AS _declared_available_at`
  await store.commit(engine, published(seats), candidate, '2013-01-02T00:00:00Z')
  const table = tablePath(store.root, 'delays', 1)
  const always = '1900-01-01T00:00:00+00:00'
  expect(readWithDeltaRs(table).rows).toMatchObject([{ origin: 'JFK', delay: 1, _available_at: always }])
  expect(readWithDeltaRs(table, null, ['_available_at', always]).rows).toHaveLength(1)
})

testWithPython('statistics never hide a row from a filter', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  await store.commit(
    engine,
    published(delays),
    delayRows(['JFK', '2013-01-01 06:00:00.000999', 2]),
    '2013-01-02T00:00:00Z',
  )
  const table = tablePath(store.root, 'delays', 1)
  expect(readWithDeltaRs(table, null, ['at', '2013-01-01T06:00:00.000999+00:00']).rows).toHaveLength(1)
  expect(readWithDeltaRs(table, null, ['at', '2013-01-01T06:00:00.001500+00:00']).rows).toHaveLength(0)
})

testWithPython('odd names, every type and an added column are read too', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const odd: Contract = {
    ...delays,
    entity: { name: 'x', key: { 'k"ey': 'string', number: 'int64', day: 'date' } },
    features: [
      { name: '🛫', type: 'float32', nullable: true, description: 'how "fast"' },
      { name: 'flag', type: 'boolean', nullable: true },
      { name: 'née', type: 'int32', nullable: true },
    ],
  }
  const candidate = `SELECT 'ü''"' AS "k""ey", 9007199254740993 AS number, DATE '2013-01-31' AS day, TIMESTAMPTZ '2013-01-01 05:00:00Z' AS "at",
    0.5::FLOAT AS "🛫", true AS flag, 7 AS "née", TIMESTAMPTZ '2013-01-01 05:00:00Z' AS _declared_available_at`
  await store.commit(engine, published(odd), candidate, '2013-01-02T00:00:00Z')
  const wider = { ...odd, features: [...odd.features, { name: 'more', type: 'string' as const, nullable: true }] }
  await store.commit(engine, published(wider), `SELECT *, 'x' AS more FROM (${candidate})`, '2013-01-03T00:00:00Z')
  const row = { 'k"ey': `ü'"`, number: '9007199254740993', day: '2013-01-31', '🛫': 0.5, flag: true, née: 7 }
  expect(readWithDeltaRs(tablePath(store.root, 'delays', 1)).rows).toMatchObject([
    { ...row, more: null },
    { ...row, more: 'x' },
  ])
})
