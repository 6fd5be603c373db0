import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { type PostgresServer, startPostgres, testWithPostgres as test } from '../../servers/postgres.ts'
import { type ProjectChanges, TemporaryProject } from '../temporary-project.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.remove())

beforeEach(() =>
  server.execute(`
    DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO public;
    CREATE TABLE flights (origin text, at timestamptz, delay double precision);
    INSERT INTO flights VALUES ('JFK', '2013-01-01T05:00:00Z', 2.5), ('EWR', '2013-01-01T05:00:00Z', -4),
      ('JFK', '2013-01-01T06:00:00Z', 10)`),
)

function projectOf(source: object = {}, changes: ProjectChanges = {}): TemporaryProject {
  const url = `postgres://${server.user}@${server.host}:${server.port}/${server.database}`
  return new TemporaryProject({
    flights: { type: 'postgres', path: undefined, url, password: `\${env:SECRET}`, table: 'flights', ...source },
    env: { SECRET: server.password },
    ...changes,
  })
}

test('a table is read; the same rows are nothing to do, in whatever order they lie', async () => {
  const project = projectOf()
  expect((await project.runDelays()).error).toBeUndefined()
  expect(await project.stored()).toHaveLength(3)
  await server.execute(
    'CREATE TABLE other AS SELECT * FROM flights ORDER BY delay; DROP TABLE flights; ALTER TABLE other RENAME TO flights',
  )
  expect((await project.runDelays()).status).toBe('nothing to do')
  await server.execute(`INSERT INTO flights VALUES ('LGA', '2013-01-01T07:00:00Z', 1)`)
  expect((await project.runDelays()).outcome).toMatchObject({ appended: 1 })
})

test('a query is read in the language of PostgreSQL, and the password may stand in the URL', async () => {
  const query = `SELECT origin, at, greatest(delay, 0) AS delay FROM flights WHERE origin ~ '^E' -- end;`
  const project = projectOf(
    {
      url: `postgres://fti:\${env:SECRET}@127.0.0.1:${server.port}/flights`,
      password: undefined,
      table: undefined,
      query,
    },
    { env: { SECRET: encodeURIComponent(server.password) } },
  )
  expect((await project.runDelays()).error).toBeUndefined()
  expect(await project.stored()).toMatchObject([{ origin: 'EWR', delay: 0 }])
})

test('values are what they were', async () => {
  const note = `a "b", 'c'\\\n\t😀 \\N`
  await server.execute(`
    CREATE SCHEMA odd; CREATE TABLE odd."My table" (origin text, big bigint, small smallint, flag boolean, real real, exact numeric(18,0),
      price numeric(10,2), loose numeric, day date, note text, empty text, nothing text, list int[], doc jsonb);
    INSERT INTO odd."My table" VALUES ('JFK', 9223372036854775807, -1, true, 1.5, 123456789012345678, 12.34, 0.1, '2013-01-31',
      ${literal(note)}, '', NULL, '{1,2}', '{"a": [1]}')`)
  const features = {
    big: 'int64',
    small: 'int32',
    flag: 'boolean',
    real: 'float32',
    exact: 'int64',
    price: 'float64',
    loose: 'float64',
    day: 'date',
    note: 'string',
    empty: 'string',
    nothing: 'string',
    list: 'string',
    doc: 'string',
  }
  const project = projectOf(
    { table: 'odd.My table', types: { price: 'float64' } },
    {
      delays: { static: true, eventTime: undefined, availableAt: undefined, features },
      files: { 'features/delays.sql': 'SELECT * FROM flights' },
    },
  )
  expect((await project.runDelays()).error).toBeUndefined()
  expect(await project.stored()).toMatchObject([
    {
      big: '9223372036854775807',
      small: -1,
      flag: true,
      real: 1.5,
      exact: '123456789012345678',
      price: 12.34,
      loose: 0.1,
      day: '2013-01-31',
      note,
      empty: '',
      nothing: null,
      list: '{1,2}',
      doc: '{"a": [1]}',
    },
  ])
  await server.execute('DROP SCHEMA odd CASCADE')
})

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

test('more rows than any buffer holds arrive whole', async () => {
  await server.execute(`
    INSERT INTO flights SELECT 'a' || i, '2013-01-01T05:00:00Z', i FROM generate_series(1, 200000) AS i;
    INSERT INTO flights VALUES (repeat('long', 500000), '2013-01-01T05:00:00Z', 1)`)
  expect((await projectOf().runDelays()).outcome).toMatchObject({ appended: 200_004 })
})

test('a time without a zone takes that of the source, or is an error', async () => {
  await server.execute('ALTER TABLE flights ALTER at TYPE timestamp')
  expect((await projectOf().runDelays()).error).toMatchObject({ code: 'FTI_TIME_ZONE_MISSING' })
  const project = projectOf({ timeZone: 'America/New_York' })
  expect((await project.runDelays()).error).toBeUndefined()
  expect((await project.stored<{ at: string }>())[0]?.at).toBe('2013-01-01T10:00:00.000Z')
})

test.each([
  ['a wrong password', { password: `\${env:WRONG}` }, 'FTI_SOURCE_DENIED', 'password'],
  ['a database that is not there', { url: 'DATABASE' }, 'FTI_SOURCE_MISSING', 'url'],
  ['a table that is not there', { table: 'flihgts' }, 'FTI_SOURCE_MISSING', `did you mean 'flights'?`],
  [
    'a column that is not there',
    { table: undefined, query: 'SELECT x FROM flights' },
    'FTI_SOURCE_COLUMN_MISSING',
    'query',
  ],
  ['no SELECT', { table: undefined, query: 'SELEC 1' }, 'FTI_SOURCE_UNREADABLE', 'query'],
  ['a query that writes', { table: undefined, query: `SELECT setval('s', 5)` }, 'FTI_SOURCE_UNREADABLE', 'query'],
  [
    'a query that takes too long',
    { table: undefined, query: 'SELECT pg_sleep(60)', timeout: '50ms' },
    'FTI_SOURCE_UNREACHABLE',
    'timeout',
  ],
  ['no row', { table: undefined, query: 'SELECT * FROM flights WHERE false' }, 'FTI_SOURCE_EMPTY', ''],
])('%s is an error of the source that holds no secret', async (_what, source, code, remedy) => {
  await server.execute('CREATE SEQUENCE s')
  const changed = 'url' in source ? { url: `postgres://${server.user}@${server.host}:${server.port}/none` } : source
  const project = projectOf(changed, { env: { SECRET: server.password, WRONG: 'geheim' } })
  const { error } = await project.runDelays()
  expect(error).toMatchObject({ code, remedy: expect.stringContaining(remedy) })
  expect(JSON.stringify(error)).not.toMatch(/geheim|se'cret/)
})

test('a user without the right to read is told so', async () => {
  await server.execute(`DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'reading'`)
  const url = `postgres://reader@${server.host}:${server.port}/${server.database}`
  const { error } = await projectOf({ url }, { env: { SECRET: 'reading' } }).runDelays()
  expect(error).toMatchObject({ code: 'FTI_SOURCE_DENIED', exit: 6 })
})

test('a server that is gone, or goes while it is read, leaves the last snapshot', async () => {
  const project = projectOf({ table: undefined, query: 'SELECT * FROM flights' })
  await project.runDelays()
  const sleeper = projectOf({ table: undefined, query: 'SELECT *, pg_sleep(60) FROM flights' })
  const running = sleeper.runDelays()
  await untilSleeping()
  await server.stop('SIGQUIT')
  expect((await running).error).toMatchObject({ code: 'FTI_SOURCE_UNREACHABLE', exit: 6 })
  const gone = await project.runDelays()
  expect(gone.error).toMatchObject({ code: 'FTI_SOURCE_UNREACHABLE', exit: 6 })
  expect(gone.error?.message).toContain('refuses the connection')
  expect(await project.stored()).toHaveLength(3)
  await server.start()
  expect((await project.runDelays()).status).toBe('nothing to do')
})

async function untilSleeping(): Promise<void> {
  for (;;) {
    try {
      // Fails while nobody sleeps.
      await server.execute(`SELECT 1 / count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'`)
      return
    } catch (error) {
      if (!String(error).includes('division by zero')) throw error
      await sleep(20)
    }
  }
}
