import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { silentReporter } from '../../../src/base/index.ts'
import { openProjectEngine } from '../../../src/feature/index.ts'
import { listGroups } from '../../../src/store/index.ts'
import { flightsCsv, type ProjectChanges, TemporaryProject } from '../temporary-project.ts'

interface BadSource extends ProjectChanges {
  readonly what: string
  readonly csv?: string | Uint8Array
  readonly code: string
  readonly exit?: number
  readonly place: string | RegExp
  readonly message: string | RegExp
  readonly remedy: string | RegExp
}

const header = 'origin,at,delay\n'
const line = 'JFK,2013-01-01T05:00:00Z,2.5\n'

const cases: BadSource[] = [
  {
    what: 'a file that does not exist',
    flights: { path: 'data/flihgts.csv' },
    code: 'FTI_SOURCE_MISSING',
    exit: 6,
    place: 'sources.flights.path',
    message: "source 'flights' has no file: data/flihgts.csv",
    remedy: /^did you mean 'data\/flights.csv'\? put the file there, or change sources.flights.path$/,
  },
  {
    what: 'a pattern that matches nothing',
    flights: { path: 'data/2014/*.csv' },
    code: 'FTI_SOURCE_MISSING',
    exit: 6,
    place: 'sources.flights.path',
    message: "source 'flights' has no file: data/2014/*.csv",
    remedy: 'put the file there, or change sources.flights.path',
  },
  {
    what: 'a pattern with a slip in it',
    flights: { path: 'data/fligths*.csv' },
    code: 'FTI_SOURCE_MISSING',
    exit: 6,
    place: 'sources.flights.path',
    message: "source 'flights' has no file: data/fligths*.csv",
    remedy: /^did you mean 'data\/flights.csv'\?/,
  },
  {
    what: 'a folder with a slip in it',
    flights: { path: 'dta/*.csv' },
    code: 'FTI_SOURCE_MISSING',
    exit: 6,
    place: 'sources.flights.path',
    message: "source 'flights' has no file: dta/*.csv",
    remedy: /^did you mean 'data'\?/,
  },
  {
    what: 'a folder',
    flights: { path: 'data' },
    code: 'FTI_SOURCE_MISSING',
    exit: 6,
    place: 'sources.flights.path',
    message: "source 'flights' names a folder: data",
    remedy: 'name the files in it with a pattern: data/*.csv',
  },
  {
    what: 'a file of 0 bytes',
    csv: '',
    code: 'FTI_SOURCE_EMPTY',
    place: 'data/flights.csv',
    message: "source 'flights' has no rows",
    remedy: /look why nothing was delivered/,
  },
  {
    what: 'a header and nothing else',
    csv: header,
    code: 'FTI_SOURCE_EMPTY',
    place: 'data/flights.csv',
    message: "source 'flights' has no rows",
    remedy: /look why nothing was delivered/,
  },
  {
    what: 'a column that was renamed',
    csv: `origin,at,dep_delay\n${line}`,
    code: 'FTI_SQL_UNKNOWN_COLUMN',
    place: 'features/delays.sql:1',
    message: "features/delays.sql reads column 'delay', which none of its tables has",
    remedy: /^known: origin, at, dep_delay\. Otherwise ask the owner of flights/,
  },
  {
    what: 'a column that is missing, while SQL takes what comes',
    csv: 'origin,at\nJFK,2013-01-01T05:00:00Z\n',
    files: { 'features/delays.sql': 'SELECT * FROM flights' },
    code: 'FTI_SCHEMA_MISMATCH',
    place: /fti\.config\.yaml:23:18$/,
    message: "feature group 'delays' declares delay, which features/delays.sql does not give",
    remedy: /give the column in the SELECT list/,
  },
  {
    what: 'a declared column that is missing',
    csv: `origin,at,dep_delay\n${line}`,
    flights: { types: { delay: 'float64' } },
    code: 'FTI_SOURCE_COLUMN_MISSING',
    place: 'data/flights.csv',
    message: "source 'flights' has no column 'delay', for which it declares a type",
    remedy: /^known: origin, at, dep_delay\. Otherwise change sources.flights.types/,
  },
  {
    what: 'a column of another type',
    csv: `${header}${line}JFK,2013-01-01T06:00:00Z,late\n`,
    files: { 'features/delays.sql': 'SELECT * FROM flights' },
    code: 'FTI_SCHEMA_MISMATCH',
    place: /fti\.config\.yaml:23:18$/,
    message: 'delays.delay is declared float64, but features/delays.sql gives VARCHAR; row 2 has "late"',
    remedy: /^write CAST\(delay AS DOUBLE\) in the SQL if that is meant/,
  },
  {
    what: 'times that stay text',
    csv: 'origin,at,delay\nJFK,1/2/2013 at five,1\n',
    files: { 'features/delays.sql': 'SELECT * FROM flights' },
    code: 'FTI_SCHEMA_MISMATCH',
    place: /fti\.config\.yaml/,
    message: 'delays.at is declared timestamp, but features/delays.sql gives VARCHAR; row 1 has "1/2/2013 at five"',
    remedy: /^declare the type of the time where it is read, types: \{ at: timestamp \} of its source, or write CAST/,
  },
  {
    what: 'a value that is not of the declared type',
    csv: `${header}${line}JFK,2013-01-01T06:00:00Z,late\n`,
    flights: { types: { delay: 'float64' } },
    code: 'FTI_SOURCE_UNREADABLE',
    place: 'data/flights.csv:3',
    message: /has a value of another type in line 3, column delay: could not convert string "late" to 'DOUBLE'/,
    remedy: /sources.flights.nulls/,
  },
  {
    what: 'a value of another type far behind those from which the type was guessed',
    csv: `${header}${line.repeat(30_000)}JFK,2013-01-01T06:00:00Z,late\n`,
    code: 'FTI_SOURCE_UNREADABLE',
    place: 'data/flights.csv:30002',
    message: /has a value of another type in line 30002, column delay/,
    remedy: /declare sources.flights.types/,
  },
  {
    what: 'a line that is too short',
    csv: `${header}${line}JFK\n${line}`,
    code: 'FTI_SOURCE_UNREADABLE',
    place: 'data/flights.csv:3',
    message: "source 'flights' has 1 values in line 3, and 3 columns in its header",
    remedy: /^correct the line/,
  },
  {
    what: 'a line that is too long, which is not taken for the header',
    csv: `${header}${line}JFK,2013-01-01T06:00:00Z,1,2\n`,
    code: 'FTI_SOURCE_UNREADABLE',
    place: 'data/flights.csv:3',
    message: "source 'flights' has 4 values in line 3, and 3 columns in its header",
    remedy: /a value that holds ',' or a line break belongs in double quotes/,
  },
  {
    what: 'a quote that is never closed',
    csv: `${header}"JFK,2013-01-01T05:00:00Z,2.5\n${line}`,
    code: 'FTI_SOURCE_UNREADABLE',
    place: 'data/flights.csv:2',
    message: "source 'flights' has a quote that is never closed in line 2",
    remedy: 'correct the line',
  },
  {
    what: 'Latin-1 without saying so',
    csv: Buffer.from(`${header}${line}Zürich,2013-01-01T05:00:00Z,1\n`, 'latin1'),
    code: 'FTI_SOURCE_UNREADABLE',
    place: 'data/flights.csv:3',
    message: "source 'flights' is not UTF-8 in line 3",
    remedy: /sources.flights.encoding: latin-1$/,
  },
  {
    what: 'a gzip that is cut off',
    flights: { path: 'data/flights.csv.gz' },
    files: { 'data/flights.csv.gz': gzipSync(flightsCsv).subarray(0, -6) },
    code: 'FTI_SOURCE_UNREADABLE',
    place: 'data/flights.csv.gz',
    message: /has a gzip file that is cut off or damaged: unexpected end of file/,
    remedy: /^copy the file again, whole/,
  },
  {
    what: 'a .gz that is none',
    flights: { path: 'data/flights.csv.gz' },
    files: { 'data/flights.csv.gz': flightsCsv },
    code: 'FTI_SOURCE_UNREADABLE',
    place: 'data/flights.csv.gz',
    message: /cut off or damaged: incorrect header check/,
    remedy: /^copy the file again, whole/,
  },
  {
    what: 'files with different headers',
    flights: { path: 'data/month-*.csv' },
    files: { 'data/month-1.csv': flightsCsv, 'data/month-2.csv': `origin,at,dep_delay\n${line}` },
    code: 'FTI_SOURCE_COLUMN_MISSING',
    place: 'data/month-2.csv',
    message: "source 'flights' has no column 'delay' in data/month-2.csv, unlike in data/month-1.csv",
    remedy: /^give all files the same columns/,
  },
  {
    what: 'half-written NDJSON',
    flights: { type: 'ndjson', path: 'data/flights.ndjson' },
    files: { 'data/flights.ndjson': '{"origin":"JFK","at":"2013-01-01T05:00:00Z","delay":1}\n{"origin":"JF' },
    code: 'FTI_SOURCE_UNREADABLE',
    place: 'data/flights.ndjson',
    message: /cannot be read as ndjson near value \d: unexpected end of data/,
    remedy: /^correct the file/,
  },
  {
    what: 'an array without values',
    flights: { type: 'json', path: 'data/flights.json' },
    files: { 'data/flights.json': '[]' },
    code: 'FTI_SOURCE_EMPTY',
    place: 'data/flights.json',
    message: "source 'flights' has no rows",
    remedy: /look why nothing was delivered/,
  },
  {
    what: 'times without a zone',
    csv: `${header}JFK,2013-01-01 05:00:00,2.5\n`,
    code: 'FTI_TIME_ZONE_MISSING',
    place: /fti\.config\.yaml:20:20$/,
    message:
      /delays.at is declared timestamp, but features\/delays.sql gives TIMESTAMP; row 1 has "2013-01-01 05:00:00"/,
    remedy: /^say which zone is meant: timeZone of the source/,
  },
  {
    what: 'declared times of which one has no zone',
    csv: `${header}${line}JFK,2013-01-01 06:00:00,2.5\n`,
    flights: { types: { at: 'timestamp' } },
    code: 'FTI_TIME_ZONE_MISSING',
    place: 'data/flights.csv',
    message: "source 'flights' has '2013-01-01 06:00:00' in column at, which names no time zone",
    remedy: /sources.flights.timeZone: UTC/,
  },
  {
    what: 'declared times of which one is none',
    csv: `${header}${line}JFK,noon,2.5\n`,
    flights: { types: { at: 'timestamp' } },
    code: 'FTI_SOURCE_UNREADABLE',
    place: 'data/flights.csv',
    message: "source 'flights' has 'noon' in column at, which is no timestamp",
    remedy: /sources.flights.nulls/,
  },
]

test.each(cases)('$what', async ({ csv, code, exit = 1, place, message, remedy, ...changes }) => {
  const files = { ...(csv === undefined ? {} : { 'data/flights.csv': csv }), ...changes.files }
  const project = new TemporaryProject({ ...changes, files })
  const { status, error } = await project.runDelays()
  expect({ status, error }).toMatchObject({ status: 'failed', error: { code, exit } })
  expect(error?.place).toEqual(typeof place === 'string' ? place : expect.stringMatching(place))
  expect(error?.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  expect(error?.remedy).toEqual(typeof remedy === 'string' ? remedy : expect.stringMatching(remedy))
  expect(await listGroups(join(project.folder, 'store'))).toEqual([])
})

test('text that could break the engine for good harms no group that reads something else', async () => {
  const aircraft = {
    entity: 'aircraft',
    static: true,
    transform: 'features/aircraft.sql',
    features: { seats: 'int64' },
  }
  const project = new TemporaryProject({
    sources: { planes: { type: 'csv', path: 'data/planes.csv' } },
    entities: { aircraft: { key: { tailnum: 'string' } } },
    groups: { aircraft },
    files: {
      'data/flights.csv': Buffer.from(`${header}Zürich`, 'latin1'),
      'data/planes.csv': 'tailnum,seats\nN1,10\n',
      'features/aircraft.sql': 'SELECT tailnum, seats FROM planes',
    },
  })
  expect(await project.run()).toMatchObject({ delays: { status: 'failed' }, aircraft: { status: 'committed' } })
})

test('a half-written Parquet file', async () => {
  const project = await parquetProject()
  const whole = readFileSync(join(project.folder, 'data/whole.parquet'))
  expect(await project.runDelays()).toMatchObject({ status: 'committed' })
  for (const size of [0, 8, Math.floor(whole.length / 2)]) {
    project.write('data/half.parquet', whole.subarray(0, size))
    project.configure({ flights: { type: 'parquet', path: 'data/*.parquet' } })
    expect(await project.runDelays()).toMatchObject({
      error: {
        code: 'FTI_SOURCE_UNREADABLE',
        exit: 1,
        place: 'data/half.parquet',
        message: "source 'flights' has a file that is not a whole Parquet file",
      },
    })
  }
  expect(await project.history()).toHaveLength(1)
})

async function parquetProject(): Promise<TemporaryProject> {
  const project = new TemporaryProject()
  const engine = await openProjectEngine(await project.load())
  const path = join(project.folder, 'data/whole.parquet')
  await engine.writeParquet(
    `SELECT origin, "at"::TIMESTAMPTZ AS "at", delay FROM read_csv('${join(project.folder, 'data/flights.csv')}')`,
    path,
  )
  await engine.close()
  project.configure({ flights: { type: 'parquet', path: 'data/whole.parquet' } })
  return project
}

test('a file that changes while it is read: nothing is committed, whatever else went wrong', async () => {
  for (const content of [`${flightsCsv}${line}`, 'origin,at\nJFK\n,,,\n']) {
    const project = new TemporaryProject()
    const change = (text: string) =>
      text === 'transforming' && writeFileSync(join(project.folder, 'data/flights.csv'), content)
    const reporter = {
      ...silentReporter,
      task: <T>(_title: string, work: (task: { update(text: string): void }) => Promise<T>) => work({ update: change }),
    }
    expect(await project.runDelays({ reporter })).toMatchObject({
      error: { code: 'FTI_SOURCE_CHANGED', exit: 1, place: 'data/flights.csv' },
    })
    expect(await listGroups(join(project.folder, 'store'))).toEqual([])
  }
})

test('a file that was only touched while it was read is the same file', async () => {
  const project = new TemporaryProject()
  const touch = (text: string) => text === 'transforming' && project.write('data/flights.csv', flightsCsv)
  const reporter = {
    ...silentReporter,
    task: <T>(_title: string, work: (task: { update(text: string): void }) => Promise<T>) => work({ update: touch }),
  }
  expect(await project.runDelays({ reporter })).toMatchObject({ status: 'committed' })
})

test('a file that another source reads is not what was meant, nor one that shares only its ending', async () => {
  const others = { planes: { type: 'csv', path: 'data/plan*.csv' }, fligths: { type: 'csv', path: 'data/fligths.csv' } }
  const files = { 'data/flights.csv': undefined, 'data/fligths.csv': line, 'data/planes.csv': line, 'data/x.csv': line }
  const project = new TemporaryProject({ sources: others, files })
  const { error } = await project.runDelays()
  expect(error?.remedy).toBe('put the file there, or change sources.flights.path')
})
