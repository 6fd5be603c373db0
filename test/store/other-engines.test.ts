import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { rawRelation, readHistory, readSnapshot, tablePath, verifyStore } from '../../src/store/index.ts'
import { optimizeTable } from '../../src/store/maintenance/optimize-table.ts'
import { contract, ourTable, row, type Table } from './every-type.ts'
import { runPython, testWithPython } from './python.ts'
import { delays, published, TemporaryStore } from './temporary-store.ts'

/** Every version as text, by an engine whose code is `read(path, version)`; values in forms that all engines have. */
const compare = `

def plain(v):
  if v is None: return None
  if isinstance(v, bool): return v
  if hasattr(v, 'isoformat'): return v.isoformat().replace('+00:00', 'Z')
  if isinstance(v, int): return str(v)
  if isinstance(v, float): return repr(v)
  return v
def told(table):
  return [{k: plain(v) for k, v in row.items()} for row in table.sort_by('_sequence').to_pylist()]
`

const readers = {
  deltalake: `${compare}
from deltalake import DeltaTable
def read(path, version): return DeltaTable(path, version=version).to_pyarrow_table()
print(json.dumps([told(read(args[0], v)) for v in range(args[1] + 1)]))`,
  polars: `${compare}
import polars as pl
def read(path, version): return pl.read_delta(path, version=version).to_arrow()
print(json.dumps([told(read(args[0], v)) for v in range(args[1] + 1)]))`,
}

/** What fti reads, in the same forms. */
async function ours({ store, engine }: Table, at: number): Promise<object[]> {
  const rows = (await store.stored(engine, contract, at)) as Record<string, unknown>[]
  const times = new Set(['at', 'seen', '_available_at', '_committed_at'])
  const floats = new Set(['delay', 'ratio'])
  return rows.map((each) =>
    Object.fromEntries(
      Object.entries(each).map(([name, value]) => {
        if (value === null || typeof value === 'boolean') return [name, value]
        if (times.has(name)) return [name, pythonTime(String(value))]
        if (floats.has(name)) return [name, pythonFloat(Number(value))]
        return [name, String(value)]
      }),
    ),
  )
}

/** Microseconds where there are any. */
function pythonTime(iso: string): string {
  return iso.replace(/\.000Z$/, 'Z').replace(/\.(\d{3})Z$/, '.$1000Z')
}

function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

for (const [name, script] of Object.entries(readers)) {
  testWithPython(`${name} reads every version of our table, checkpoint and joined files included`, async () => {
    const table = await ourTable()
    const read = runPython<object[][]>(script, table.path, 4)
    for (const version of [0, 1, 2, 3, 4]) expect(read[version]).toEqual(await ours(table, version))
    expect(read.map((rows) => rows.length)).toEqual([1, 2, 3, 3, 4])
  })

  testWithPython(`${name} reads our table from the checkpoint alone`, async () => {
    const table = await ourTable()
    for (const version of [0, 1]) rmSync(join(table.path, `_delta_log/${String(version).padStart(20, '0')}.json`))
    const last = script.replace('range(args[1] + 1)', 'range(2, args[1] + 1)')
    expect(runPython<object[][]>(last, table.path, 4).at(-1)).toEqual(await ours(table, 4))
  })
}

/** Their rows: what a data team appends has to bring the system columns along. */
const theirRows = `
import pyarrow as pa
from datetime import datetime, timezone, date
from deltalake import DeltaTable, write_deltalake
t = lambda day: datetime(2013, 1, day, tzinfo=timezone.utc)
schema = DeltaTable(args[0]).to_pyarrow_table().schema
def theirs(origin, day, sequence, delay):
  return pa.table({'origin': [origin], 'number': [2**53 + 1], 'at': [t(day)], 'delay': [delay], 'ratio': [0.5], 'count': [7],
    'flag': [None], 'day': [date(1970, 1, 1)], 'note': ['it\\'s "theirs"\\n🛬'], 'seen': [None], '_available_at': [t(day)],
    '_committed_at': [t(day)], '_sequence': [sequence]}, schema=schema)
`

testWithPython(
  'an append, a merge, a compaction and a checkpoint of delta-rs are read by fti, and it goes on behind them',
  async () => {
    const table = await ourTable()
    const before = await ours(table, 4)
    const version = runPython<number>(
      `${theirRows}
write_deltalake(args[0], theirs('LGA', 7, 5, 1.5), mode='append')
(DeltaTable(args[0]).merge(theirs('LGA', 7, 5, 2.5), 't.origin = s.origin and t."at" = s."at"', source_alias='s', target_alias='t')
  .when_matched_update_all().when_not_matched_insert_all().execute())
DeltaTable(args[0]).optimize.compact()
DeltaTable(args[0]).create_checkpoint()
print(DeltaTable(args[0]).version())`,
      table.path,
    )
    expect(version).toBe(7)
    expect(await ours(table, 4)).toEqual(before)
    expect((await ours(table, 5)).map((each) => (each as { delay: string }).delay).at(-1)).toBe('1.5')
    const merged = await ours(table, 7)
    expect(merged.slice(0, 4)).toEqual(before)
    expect(merged.at(-1)).toMatchObject({
      origin: 'LGA',
      number: '9007199254740993',
      delay: '2.5',
      note: 'it\'s "theirs"\n🛬',
    })
    // The log of the past is cleaned away as others do it: the state comes from their checkpoint.
    for (let old = 0; old < 7; old++) rmSync(join(table.path, `_delta_log/${String(old).padStart(20, '0')}.json`))
    expect(await ours(table, 7)).toEqual(merged)
    const rows = `${row('EWR', 8, 'plain')} UNION ALL ${row('EWR', 6, 'edge')}`
    expect(await table.store.commit(table.engine, contract, rows, '2013-01-09T00:00:00Z')).toMatchObject({
      ...{ appended: 1, unchanged: 1, late: 0, snapshot: 8 },
    })
    expect((await readSnapshot(table.path))?.mark?.lastSequence).toBe(6)
    const work = {
      root: table.store.root,
      tempDirectory: join(table.store.root, '../spill'),
      groups: [],
      now: new Date(),
    }
    expect((await verifyStore(work)).findings).toEqual([])
  },
)

testWithPython('a table that delta-rs partitions by day, and compacts, is read with its partition column', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const path = tablePath(store.root, 'delays', 1)
  runPython(
    `
import pyarrow as pa
from datetime import datetime, timezone, date
from deltalake import DeltaTable, write_deltalake
t = lambda day: datetime(2013, 1, day, tzinfo=timezone.utc)
def rows(*days):
  return pa.table({'origin': ['a b=%/ü' if d % 2 else None for d in days], 'at': [t(d) for d in days], 'delay': [float(d) for d in days],
    'day': [date(2013, 1, d) for d in days], '_available_at': [t(d) for d in days], '_committed_at': [t(d) for d in days], '_sequence': days})
write_deltalake(args[0], rows(1, 2, 3), partition_by=['day', 'origin'])
write_deltalake(args[0], rows(3, 4), mode='append')
DeltaTable(args[0]).optimize.compact()
DeltaTable(args[0]).create_checkpoint()
print(1)`,
    path,
  )
  const byDay = published({ ...delays, features: [...delays.features, { name: 'day', type: 'date', nullable: true }] })
  const rows = await engine.rows<object>(
    `SELECT origin, delay, day FROM (${rawRelation(await readSnapshot(path), byDay.contract)}) ORDER BY delay, origin`,
  )
  const origin = 'a b=%/ü'
  expect(rows).toEqual([
    { origin, delay: 1, day: '2013-01-01' },
    { origin: null, delay: 2, day: '2013-01-02' },
    { origin, delay: 3, day: '2013-01-03' },
    { origin, delay: 3, day: '2013-01-03' },
    { origin: null, delay: 4, day: '2013-01-04' },
  ])
  await expect(
    store.commit(
      engine,
      byDay,
      `SELECT 'x' AS origin, TIMESTAMPTZ '2013-01-09 00:00:00Z' AS "at", 1.0::DOUBLE AS delay,
      DATE '2013-01-09' AS day, TIMESTAMPTZ '2013-01-09 00:00:00Z' AS _declared_available_at`,
      '2013-01-10T00:00:00Z',
    ),
  ).rejects.toMatchObject({ code: 'FTI_TABLE_UNSUPPORTED', message: expect.stringContaining('partitions by day') })
})

testWithPython('a column that delta-rs adds, in another order than ours, leaves the others as they were', async () => {
  const table = await ourTable()
  runPython(
    `${theirRows}
more = theirs('LGA', 7, 5, 1.5).append_column('extra', pa.array(['x']))
names = more.column_names
write_deltalake(args[0], more.select(names[::-1]), mode='append', schema_mode='merge')
print(1)`,
    table.path,
  )
  const read = await ours(table, 5)
  expect(read).toHaveLength(5)
  expect(read.at(-1)).toMatchObject({ origin: 'LGA', delay: '1.5', count: '7' })
  await optimizeTable(table.path, { engine: table.engine, now: new Date('2013-01-10T00:00:00Z') })
  expect(await ours(table, 6)).toEqual(read)
  expect(
    runPython<unknown>(
      `from deltalake import DeltaTable
print(json.dumps(DeltaTable(args[0]).to_pyarrow_table().column('extra').to_pylist()))`,
      table.path,
    ),
  ).toEqual([null, null, null, null, 'x'])
  expect((await readHistory(table.path))[0]).toMatchObject({ operation: 'OPTIMIZE', rowsAdded: 0 })
})
