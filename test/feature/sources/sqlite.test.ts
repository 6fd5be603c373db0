import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sqlite from 'node-sqlite3-wasm'
import { expect, test } from 'vitest'
import { TemporaryProject } from '../temporary-project.ts'

const flights = `
  CREATE TABLE flights (origin TEXT, at TEXT, delay REAL);
  INSERT INTO flights VALUES
    ('JFK', '2013-01-01T05:00:00Z', 2.5), ('EWR', '2013-01-01T05:00:00Z', -4), ('JFK', '2013-01-01T06:00:00Z', 10)`

function projectOf(statements: string, source: object = {}, changes: object = {}): TemporaryProject {
  const project = new TemporaryProject({
    flights: { type: 'sqlite', path: 'data/flights.db', table: 'flights', types: { at: 'timestamp' }, ...source },
    ...changes,
  })
  execute(project, statements)
  return project
}

function execute(project: TemporaryProject, statements: string): void {
  const database = new sqlite.Database(join(project.folder, 'data/flights.db'))
  database.exec(statements)
  database.close()
}

test('a table is read, and an unchanged file is nothing to do', async () => {
  const project = projectOf(flights)
  expect((await project.runDelays()).error).toBeUndefined()
  expect(await project.stored()).toHaveLength(3)
  expect((await project.runDelays()).status).toBe('nothing to do')
  execute(project, `INSERT INTO flights VALUES ('LGA', '2013-01-01T07:00:00Z', 1)`)
  expect((await project.runDelays()).outcome).toMatchObject({ appended: 1 })
  expect(existsSync(join(project.folder, 'data/flights.db.lock'))).toBe(false)
})

test('a query is read in the language of SQLite', async () => {
  const query = `SELECT origin, at, iif(delay > 0, delay, 0.0) AS delay FROM flights WHERE origin = 'EWR';`
  const project = projectOf(flights, { table: undefined, query })
  expect((await project.runDelays()).error).toBeUndefined()
  expect(await project.stored()).toMatchObject([{ origin: 'EWR', delay: 0 }])
})

test('values are what they were: large integers, floating point, bytes, quotes, line breaks, emoji, empty text and null', async () => {
  const project = projectOf(
    `CREATE TABLE t (origin TEXT, big INTEGER, real REAL, bytes BLOB, note TEXT, mixed);
     INSERT INTO t VALUES ('a', 9223372036854775807, 0.1, x'00ff', 'a "b", ''c''' || char(10) || '😀', 1), ('b', -1, 5.0, NULL, '', 'x');`,
    { table: 't', types: undefined },
    {
      delays: {
        static: true,
        eventTime: undefined,
        availableAt: undefined,
        features: { big: 'int64', real: 'float64', bytes: 'string', note: 'string', mixed: 'string' },
      },
      files: { 'features/delays.sql': 'SELECT * FROM flights' },
    },
  )
  expect((await project.runDelays()).error).toBeUndefined()
  expect(await project.stored()).toMatchObject([
    { origin: 'a', big: '9223372036854775807', real: 0.1, bytes: '00ff', note: `a "b", 'c'\n😀`, mixed: '1' },
    { origin: 'b', big: -1, real: 5, bytes: null, note: '', mixed: 'x' },
  ])
})

test('more rows than one file of ours holds arrive whole', async () => {
  const project = projectOf(
    `CREATE TABLE flights (origin TEXT, at TEXT, delay REAL);
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 260000)
     INSERT INTO flights SELECT 'a' || i, '2013-01-01T05:00:00Z', i FROM n`,
  )
  expect((await project.runDelays()).outcome).toMatchObject({ appended: 260_000 })
})

test('a time without a zone takes that of the source, or is an error', async () => {
  const local = flights.replaceAll('T05:00:00Z', ' 05:00:00').replaceAll('T06:00:00Z', ' 06:00:00')
  expect((await projectOf(local).runDelays()).error).toMatchObject({ code: 'FTI_TIME_ZONE_MISSING' })
  const project = projectOf(local, { timeZone: 'America/New_York' })
  expect((await project.runDelays()).error).toBeUndefined()
  expect((await project.stored<{ at: string }>())[0]?.at).toBe('2013-01-01T10:00:00.000Z')
})

test.each([
  ['a table that is not there', flights, { table: 'flihgts' }, 'FTI_SOURCE_MISSING', `did you mean 'flights'?`],
  [
    'a column that is not there',
    flights,
    { table: undefined, query: 'SELECT x FROM flights' },
    'FTI_SOURCE_COLUMN_MISSING',
    'query',
  ],
  ['no SELECT', flights, { table: undefined, query: 'SELEC 1' }, 'FTI_SOURCE_UNREADABLE', 'query'],
  ['no row', 'CREATE TABLE flights (origin TEXT, at TEXT, delay REAL)', {}, 'FTI_SOURCE_EMPTY', ''],
  [
    'a zero byte',
    `CREATE TABLE flights (origin, at, delay); INSERT INTO flights VALUES ('a' || char(0) || 'b', 1, 2)`,
    {},
    'FTI_SOURCE_UNREADABLE',
    'replace(origin',
  ],
  [
    'a declared column that is not there',
    flights,
    { types: { dealy: 'float64' } },
    'FTI_SOURCE_COLUMN_MISSING',
    `did you mean 'delay'?`,
  ],
  [
    'a value of another type',
    flights.replace('2.5', `'late'`),
    { types: { at: 'timestamp', delay: 'float64' } },
    'FTI_SOURCE_UNREADABLE',
    'types',
  ],
])('%s is an error of the source', async (_what, statements, source, code, remedy) => {
  const { error } = await projectOf(statements, source).runDelays()
  expect(error).toMatchObject({ code, remedy: expect.stringContaining(remedy) })
})

test('no file, no database, a damaged one and one in the middle of a transaction are errors of the source', async () => {
  const codes: unknown[] = []
  const run = async (project: TemporaryProject) => codes.push((await project.runDelays()).error?.code)
  await run(new TemporaryProject({ flights: { type: 'sqlite', path: 'data/none.db', table: 'flights' } }))
  await run(new TemporaryProject({ flights: { type: 'sqlite', table: 'flights' } }))
  const damaged = projectOf(flights)
  writeFileSync(join(damaged.folder, 'data/flights.db'), `SQLite format 3\0${'x'.repeat(5000)}`)
  await run(damaged)
  const busy = projectOf(flights)
  writeFileSync(join(busy.folder, 'data/flights.db-wal'), 'x')
  await run(busy)
  expect(codes).toEqual(['FTI_SOURCE_MISSING', 'FTI_SOURCE_UNREADABLE', 'FTI_SOURCE_UNREADABLE', 'FTI_SOURCE_CHANGED'])
})
