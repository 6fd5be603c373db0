import { readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runPython, testWithPython } from '../../store/python.ts'
import { TemporaryProject } from '../temporary-project.ts'

const write = `
import pyarrow as pa
from datetime import datetime, timezone
from deltalake import write_deltalake
path, rows, options = args
columns = {
  'origin': pa.array([row[0] for row in rows], pa.string()),
  'at': pa.array([datetime.fromisoformat(row[1]) for row in rows], pa.timestamp('us', tz='UTC')),
  'delay': pa.array([row[2] for row in rows], pa.float64()),
  'big': pa.array([9007199254740993 for row in rows], pa.int64()),
  'tags': pa.array([['a', None] for row in rows], pa.list_(pa.string())),
}
write_deltalake(path, pa.table(columns), mode='append', **options)
print('null')
`

const rows = [
  ['JFK', '2013-01-01T05:00:00+00:00', 2.5],
  ['EWR', '2013-01-01T05:00:00+00:00', -4],
  ['JFK', '2013-01-01T06:00:00+00:00', 10],
] as const

function projectOn(table: string, flights: object = {}): TemporaryProject {
  return new TemporaryProject({ flights: { type: 'delta', path: table, ...flights } })
}

testWithPython(
  'a table of delta-rs is read, partitioned or not; a version that was read is nothing to do',
  async () => {
    for (const options of [{}, { partition_by: ['origin'] }]) {
      const project = projectOn('lake/flights')
      project.write(
        'features/delays.sql',
        'SELECT origin, "at", delay + len(tags) + (big - 9007199254740993) AS delay FROM flights',
      )
      const path = join(project.folder, 'lake/flights')
      runPython(write, path, rows, options)
      expect((await project.runDelays()).error).toBeUndefined()
      const stored = await project.stored<{ origin: string; delay: number }>()
      expect(stored.map(({ origin, delay }) => [origin, delay]).sort()).toEqual([
        ['EWR', -2],
        ['JFK', 12],
        ['JFK', 4.5],
      ])
      expect((await project.runDelays()).status).toBe('nothing to do')
      runPython(write, path, [['LGA', '2013-01-01T07:00:00+00:00', 1]], options)
      expect((await project.runDelays()).outcome).toMatchObject({ appended: 1 })
    }
  },
)

/** A table of another project of fti, as data like any other. */
async function otherTable(): Promise<string> {
  const writer = new TemporaryProject()
  await writer.runDelays()
  return join(writer.folder, 'store/delays/v1')
}

test('a declared type holds: another is made of the column, or the value is named', async () => {
  const table = await otherTable()
  const project = projectOn(table, { types: { delay: 'float32' } })
  expect((await project.runDelays()).error).toBeUndefined()
  const { error } = await projectOn(table, { types: { delay: 'int32' } }).runDelays()
  expect(error).toMatchObject({
    code: 'FTI_SOURCE_UNREADABLE',
    message: expect.stringContaining(`'2.5' in column delay`),
  })
})

test('no table, a file that is gone and half a file are errors, and nothing is committed', async () => {
  expect((await projectOn('lake/none').runDelays()).error).toMatchObject({ code: 'FTI_SOURCE_MISSING', exit: 6 })
  for (const code of ['FTI_SOURCE_CHANGED', 'FTI_SOURCE_UNREADABLE']) {
    const table = await otherTable()
    const file = join(table, readdirSync(table).find((name) => name.endsWith('.parquet')) ?? '')
    if (code === 'FTI_SOURCE_CHANGED') rmSync(file)
    else truncateSync(file, Math.floor(readFileSync(file).length / 2))
    const project = projectOn(table)
    expect((await project.runDelays()).error?.code).toBe(code)
    await expect(project.stored()).rejects.toThrow()
  }
})

test('a log that has a hole is said to be damaged', async () => {
  const writer = new TemporaryProject()
  await writer.runDelays()
  for (const delay of [3, 4]) {
    writer.write('data/flights.csv', `origin,at,delay\nLGA,2013-01-0${delay}T05:00:00Z,${delay}\n`)
    await writer.runDelays()
  }
  const table = join(writer.folder, 'store/delays/v1')
  rmSync(join(table, '_delta_log', `${'1'.padStart(20, '0')}.json`))
  expect((await projectOn(table).runDelays()).error).toMatchObject({ code: 'FTI_TABLE_CORRUPT', exit: 5 })
})
