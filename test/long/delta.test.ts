import { createHash } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/index.ts'
import type { GroupReport } from '../../src/feature/index.ts'
import { latestContract, rawRelation, readSnapshot, type TableCommit, tablePath } from '../../src/store/index.ts'
import { hasPython, runPython, testWithPython } from '../store/python.ts'
import { type FlightsProject, flightsProject, say } from './flights-project.ts'

let project: FlightsProject
let engine: Engine
/** Of the runs over January to November, with December, and with nothing new. */
const runs: (readonly GroupReport[])[] = []
/** Each group's version 0 as delta-rs read it before December came. */
const before = new Map<string, Read>()

beforeAll(async () => {
  project = await flightsProject()
  engine = await openEngine({ tempDirectory: join(project.directory, '.fti'), allowedDirectories: [project.directory] })
  const december = join(project.directory, 'data/flights/2013-12.parquet')
  const away = join(project.directory, '2013-12.parquet')
  await rename(december, away)
  runs.push(await featureRun())
  for (const { group } of runs[0] ?? []) if (hasPython) before.set(group, readWithDeltaRs(tableOf(group), 0))
  await rename(away, december)
  runs.push(await featureRun(), await featureRun())
})
afterAll(async () => {
  await engine.close()
  await project.remove()
})

test('December is appended to eleven months: no row is late, none is restated', async () => {
  const [eleven = [], twelve = []] = runs
  say('group                   version 0  version 1    new   late  restated')
  for (const { group, status, outcome } of twelve) {
    const first = eleven.find((report) => report.group === group)?.outcome
    const { snapshot, rows } = await show(group)
    const cells = [first?.appended, snapshot === 1 ? rows : 'none', outcome?.appended, outcome?.late, outcome?.restated]
    const widths = [11, 11, 7, 7, 10]
    say(group.padEnd(22) + cells.map((cell, column) => String(cell).padStart(widths[column] ?? 0)).join(''))
    const grows = !['airport_weather', 'aircraft'].includes(group)
    expect({ group, status, snapshot }).toEqual({
      group,
      status: grows ? 'committed' : 'nothing to do',
      snapshot: grows ? 1 : 0,
    })
    expect(outcome).toMatchObject({ late: 0, restated: 0 })
    expect(rows).toBe((first?.appended ?? 0) + (outcome?.appended ?? 0))
  }
  expect(twelve).toHaveLength(7)
})

test('a third run says nothing to do for every group, and commits nothing', async () => {
  const third = runs[2] ?? []
  expect(third.map(({ group, status }) => [group, status])).toEqual(third.map(({ group }) => [group, 'nothing to do']))
  expect(third).toHaveLength(7)
  for (const { group, outcome } of third) expect((await history(group))[0]?.version).toBe(outcome?.snapshot)
})

testWithPython('delta-rs reads the rows, versions and history of every group as fti says them', async () => {
  for (const { group } of runs[0] ?? []) {
    const commits = await history(group)
    const newest = readWithDeltaRs(tableOf(group))
    expect(newest.history).toEqual(
      commits.map(({ version, operation, time }) => [version, operation, Date.parse(time)]),
    )
    for (const { version, time } of commits) {
      const read = readWithDeltaRs(tableOf(group), version)
      const shown = await show(`${group}@${version}`)
      expect(shown).toMatchObject({ group, snapshot: version, rows: read.rows, committedAt: time })
      expect(read.checksums, `${group}@${version}`).toEqual(await checksums(group, version))
    }
    expect(newest.version).toBe(commits[0]?.version)
  }
})

testWithPython('the earlier version is after December what it was before', () => {
  expect([...before.keys()]).toHaveLength(7)
  for (const [group, { rows, checksums }] of before)
    expect(readWithDeltaRs(tableOf(group), 0)).toMatchObject({ rows, checksums })
})

test('a year in two parts holds what a year at once holds', async () => {
  const whole = await flightsProject()
  try {
    await whole.fti('feature', 'run')
    const both = [project.directory, whole.directory]
    const reader = await openEngine({ tempDirectory: whole.directory, allowedDirectories: both })
    for (const { group } of runs[0] ?? []) {
      const parts = await declared(project, group)
      const once = await declared(whole, group)
      const [difference] = await reader.rows<object>(
        `SELECT (SELECT count(*) FROM (${parts} EXCEPT ALL ${once})) AS surplus,
           (SELECT count(*) FROM (${once} EXCEPT ALL ${parts})) AS missing`,
      )
      expect({ group, ...difference }).toEqual({ group, surplus: 0, missing: 0 })
    }
    await reader.close()
  } finally {
    await whole.remove()
  }
})

const featureRun = async () => (await project.fti<{ groups: GroupReport[] }>('feature', 'run')).groups
const history = async (group: string) =>
  (await project.fti<{ commits: TableCommit[] }>('feature', 'history', group)).commits
const show = (group: string) => project.fti<{ snapshot: number; rows: number }>('feature', 'show', group)
const tableOf = (group: string) => tablePath(join(project.directory, 'store'), group, 1)

/** What a group's newest snapshot holds, but for when and in which order it was committed. */
async function declared({ directory }: FlightsProject, group: string): Promise<string> {
  const store = join(directory, 'store')
  const published = await latestContract(store, group)
  if (published === undefined) throw new Error(`${group} is not published`)
  const raw = rawRelation(await readSnapshot(tablePath(store, group, 1)), published.contract)
  // Of a static group it is only known when it was committed.
  const committed = published.contract.isStatic ? '_committed_at, _sequence, _available_at' : '_committed_at, _sequence'
  return `SELECT * EXCLUDE (${committed}) FROM (${raw})`
}

interface Read {
  readonly version: number
  readonly rows: number
  readonly history: [version: number, operation: string, timestamp: number][]
  /** SHA-256 of each column's values in the order of `_sequence`. */
  readonly checksums: Record<string, string>
}

const script = `
import hashlib
import pyarrow as pa, pyarrow.compute as pc
from deltalake import DeltaTable
path, version = args
table = DeltaTable(path, version=version)
rows = pa.table(table.to_pyarrow_table()).sort_by('_sequence').combine_chunks()
def content(values):
  "Null flags, then numbers as float64 (moments in microseconds), or texts between line feeds."
  yield pc.cast(pc.is_null(values), pa.uint8())
  if pa.types.is_timestamp(values.type):
    assert values.type.unit == 'us' and values.type.tz == 'UTC', values.type
    values = values.cast(pa.int64())
  if pa.types.is_boolean(values.type): values = values.cast(pa.uint8())
  yield pc.cast(values, pa.float64()).fill_null(0)
def digest(column):
  values = pa.concat_arrays(column.chunks)
  sha = hashlib.sha256()
  if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
    sha.update('\\n'.join('\\0' if text is None else text for text in values.to_pylist()).encode())
    return sha.hexdigest()
  for array in content(values):
    width = array.type.bit_width // 8
    sha.update(memoryview(array.buffers()[1])[array.offset * width:(array.offset + len(array)) * width])
  return sha.hexdigest()
print(json.dumps({
  'version': table.version(),
  'rows': rows.num_rows,
  'history': [[h['version'], h['operation'], h['timestamp']] for h in table.history()],
  'checksums': {name: digest(rows.column(name)) for name in rows.column_names},
}))
`

function readWithDeltaRs(table: string, version: number | null = null): Read {
  return runPython<Read>(script, table, version)
}

/** The same checksums of the rows as fti itself reads them. */
async function checksums(group: string, version: number): Promise<Read['checksums']> {
  const published = await latestContract(join(project.directory, 'store'), group)
  if (published === undefined) throw new Error(`${group} is not published`)
  const raw = rawRelation(await readSnapshot(tableOf(group), version), published.contract)
  const types = new Map((await engine.describe(raw)).map(({ name, type }) => [name, type]))
  const { columns } = await engine.columns(`SELECT * FROM (${raw}) ORDER BY _sequence`)
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => {
      const sha = createHash('sha256')
      if (column.kind === 'text') sha.update(column.values.map((text) => text ?? '\0').join('\n'))
      else {
        const isMoment = types.get(name)?.startsWith('TIMESTAMP')
        const value = (number: number) => (isMoment ? Math.round(number * 1000) : number)
        sha.update(column.nulls)
        sha.update(column.values.map((number, row) => (column.nulls[row] ? 0 : value(number))))
      }
      return [name, sha.digest('hex')]
    }),
  )
}
