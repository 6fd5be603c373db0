import { expect, test } from 'vitest'
import { TemporaryProject } from '../temporary-project.ts'

test.each([
  [`SELECT * FROM read_csv('data/flights.csv')`, 'calls read_csv()'],
  [`SELECT * FROM 'data/flights.csv'`, "reads the file 'data/flights.csv'"],
  [`SELECT * FROM flights WHERE origin IN (SELECT content FROM read_text('/etc/hostname'))`, 'calls read_text()'],
  [`SELECT * FROM query('SELECT * FROM read_csv(''data/flights.csv'')')`, 'calls query()'],
  ['SELECT * FROM duckdb_settings()', 'calls duckdb_settings()'],
])('%s reads data past the sources, which would have no fingerprint', async (sql, what) => {
  const project = new TemporaryProject({ files: { 'features/delays.sql': sql } })
  expect(await project.runDelays()).toMatchObject({
    error: {
      code: 'FTI_SQL_READS_FILES',
      exit: 2,
      place: 'features/delays.sql',
      message: `features/delays.sql ${what}`,
      remedy: 'declare the file under sources: and read it by its name',
    },
  })
})

test.each([
  ['SELECT 1; SELECT 2', 'FTI_SQL_NOT_SELECT', 'features/delays.sql', /2 statements/],
  ['DELETE FROM flights', 'FTI_SQL_NOT_SELECT', 'features/delays.sql', /./],
  ['SELECT origin\nFROM fligths', 'FTI_SQL_UNKNOWN_TABLE', 'features/delays.sql', /reads 'fligths'/],
  ['SELECT origin,\n  dleay\nFROM flights', 'FTI_SQL_UNKNOWN_COLUMN', 'features/delays.sql:2', /column 'dleay'/],
  ['SELECT f.dleay\nFROM flights f', 'FTI_SQL_UNKNOWN_COLUMN', 'features/delays.sql:1', /column 'dleay'/],
  ['SELECT origin FROM flights WHERE false', 'FTI_TRANSFORM_EMPTY', 'features/delays.sql', /gave no rows/],
  [
    `SELECT origin, "at", CAST('x' || delay AS DOUBLE) AS delay FROM flights`,
    'FTI_SQL_FAILED',
    'features/delays.sql:1',
    /Could not convert string/,
  ],
])('%j ends with %s', async (sql, code, place, message) => {
  const project = new TemporaryProject({ files: { 'features/delays.sql': sql } })
  const { error } = await project.runDelays()
  expect(error).toMatchObject({ code, place, message: expect.stringMatching(message) })
  expect(error?.remedy).not.toBe('')
})

test('an unknown table comes with the nearest one', async () => {
  const project = new TemporaryProject({ files: { 'features/delays.sql': 'SELECT * FROM fligths' } })
  expect(await project.runDelays()).toMatchObject({ error: { remedy: "did you mean 'flights'?" } })
})

test.each([
  'SELECT origin, "at", delay::DOUBLE AS delay FROM flights;',
  'SELECT origin, "at", delay::DOUBLE AS delay FROM flights; -- with a note\n',
  'SELECT origin, "at", delay::DOUBLE AS delay FROM flights -- with a note',
  'WITH f AS (SELECT * FROM flights) SELECT origin, "at", delay::DOUBLE AS delay FROM f, range(1)',
])('%j runs', async (sql) => {
  const project = new TemporaryProject({ files: { 'features/delays.sql': sql } })
  expect(await project.runDelays()).toMatchObject({ status: 'committed' })
})

test('integers become floating point and small integers larger ones; nothing else is converted in silence', async () => {
  const sql = 'SELECT origin, "at", 3::SMALLINT AS delay, 4::INTEGER AS seats FROM flights'
  const features = { delay: 'int32', seats: 'float64' }
  const project = new TemporaryProject({ delays: { features }, files: { 'features/delays.sql': sql } })
  expect(await project.runDelays()).toMatchObject({ status: 'committed' })
  expect(await project.stored()).toMatchObject([{ delay: 3, seats: 4 }, {}, {}])
  project.write('features/delays.sql', sql.replace('3::SMALLINT', '3.0::DOUBLE'))
  expect(await project.runDelays()).toMatchObject({
    error: {
      code: 'FTI_SCHEMA_MISMATCH',
      message: 'delays.delay is declared int32, but features/delays.sql gives DOUBLE; row 1 has "3.0"',
    },
  })
})

test('a group reads the latest values of another by its name, and every row behind __history', async () => {
  const project = new TemporaryProject({
    groups: {
      seen: {
        entity: 'airport',
        static: true,
        transform: 'features/seen.sql',
        features: { latest: 'int64', all: 'int64' },
      },
    },
    files: {
      'features/seen.sql': `SELECT origin, count(*) AS latest, (SELECT count(*) FROM delays__history h WHERE h.origin = d.origin) AS "all"
        FROM delays d GROUP BY origin`,
    },
  })
  await project.run()
  project.write('data/flights.csv', 'origin,at,delay\nJFK,2013-01-01T05:00:00Z,3\n')
  await project.run()
  const rows = await project.stored('seen')
  expect(rows.at(-1)).toMatchObject({ origin: 'JFK', latest: 2, all: 3 })
})
