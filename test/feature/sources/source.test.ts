import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { flightsCsv, type ProjectChanges, TemporaryProject } from '../temporary-project.ts'

const text = { entity: 'airport', static: true, transform: 'features/delays.sql', features: { note: 'string' } }

/** The rows that a CSV of airports and notes gives. */
async function notes(csv: string | Uint8Array, flights: object = {}): Promise<object[]> {
  const project = new TemporaryProject({
    flights,
    delays: { ...text, eventTime: undefined, availableAt: undefined },
    files: { 'data/flights.csv': csv, 'features/delays.sql': 'SELECT origin, note FROM flights' },
  })
  expect((await project.runDelays()).error).toBeUndefined()
  return (await project.stored<{ origin: string; note: string }>()).map(({ origin, note }) => ({ origin, note }))
}

test('a byte-order mark belongs to no column', async () => {
  expect(await notes('\ufefforigin,note\nJFK,x\n')).toEqual([{ origin: 'JFK', note: 'x' }])
})

test('Latin-1 is read when the source says so', async () => {
  const csv = Buffer.from('origin,note\nZRH,Zürich\n', 'latin1')
  expect(await notes(csv, { encoding: 'latin-1' })).toEqual([{ origin: 'ZRH', note: 'Zürich' }])
})

test('letters of several bytes pass, also across the borders of what is read at once', async () => {
  const note = 'ü🛫'.repeat(40_000)
  expect(await notes(`origin,note\nJFK,x${note}\nLGA,${note}\n`)).toMatchObject([{}, { note }])
})

test('quotes hold line breaks, separators and quotes', async () => {
  expect(await notes('origin,note\r\nJFK,"a ""b"",\nc"\r\nLGA,plain\r\n')).toEqual([
    { origin: 'JFK', note: 'a "b",\nc' },
    { origin: 'LGA', note: 'plain' },
  ])
})

test('empty fields and declared texts are null; a line that begins with # is data', async () => {
  expect(await notes('origin,note\nJFK,NA\nLGA,\n#1,"x"\n', { nulls: ['NA'] })).toEqual([
    { origin: '#1', note: 'x' },
    { origin: 'JFK', note: null },
    { origin: 'LGA', note: null },
  ])
})

test('another separator, and digits that are no number', async () => {
  const csv = 'origin;note\nJFK;007\n'
  expect(await notes(csv, { delimiter: ';', types: { note: 'string' } })).toEqual([{ origin: 'JFK', note: '007' }])
})

const moments: [what: string, changes: ProjectChanges, expected: string][] = [
  ['a zone behind the time', { files: csvAt('2013-01-01T05:00:00+02:00') }, '2013-01-01T03:00:00.000Z'],
  [
    'the zone of the source',
    { flights: { timeZone: 'America/New_York' }, files: csvAt('2013-01-01 05:00:00') },
    '2013-01-01T10:00:00.000Z',
  ],
  [
    'a zone behind the time before that of the source',
    { flights: { timeZone: 'America/New_York' }, files: csvAt('2013-01-01T05:00:00Z') },
    '2013-01-01T05:00:00.000Z',
  ],
  ...['Z', '+00:00', ' UTC'].map((zone): (typeof moments)[number] => [
    `a time to the minute with ${zone} behind it`,
    {
      flights: { timeZone: 'America/New_York', types: { at: 'timestamp' } },
      files: csvAt(`2013-01-01T05:00${zone}`),
    },
    '2013-01-01T05:00:00.000Z',
  ]),
  ...['+00', '+00:00', ' UTC'].map((zone): (typeof moments)[number] => [
    `UTC written as ${zone} before the zone of the source`,
    {
      flights: { timeZone: 'America/New_York', types: { at: 'timestamp' } },
      files: csvAt(`2013-01-01 05:00:00.5${zone}`),
    },
    '2013-01-01T05:00:00.500Z',
  ]),
  [
    'a declared time in the zone of the source',
    { flights: { timeZone: 'UTC', types: { at: 'timestamp' } }, files: csvAt('2013-01-01 05:00') },
    '2013-01-01T05:00:00.000Z',
  ],
  [
    'a declared date, whose end looks like a zone',
    { flights: { timeZone: 'America/New_York', types: { at: 'timestamp' } }, files: csvAt('2013-01-01') },
    '2013-01-01T05:00:00.000Z',
  ],
  [
    'NDJSON with zones',
    {
      flights: { type: 'ndjson' },
      files: { 'data/flights.csv': '{"origin":"JFK","at":"2013-01-01T05:00:00+02:00","delay":1}\n' },
    },
    '2013-01-01T03:00:00.000Z',
  ],
  [
    'JSON in the zone of the source',
    {
      flights: { type: 'json', timeZone: 'America/New_York' },
      files: { 'data/flights.csv': '[{"origin":"JFK","at":"2013-01-01T05:00:00","delay":1}]' },
    },
    '2013-01-01T10:00:00.000Z',
  ],
]

function csvAt(time: string): Record<string, string> {
  return { 'data/flights.csv': `origin,at,delay\nJFK,${time},1\n` }
}

test.each(moments)('a moment from %s', async (_what, changes, expected) => {
  const project = new TemporaryProject(changes)
  expect((await project.runDelays()).error).toBeUndefined()
  expect(await project.stored()).toMatchObject([{ at: expected }])
})

test('all files of a pattern are read, compressed ones too, whatever the order of their columns', async () => {
  const project = new TemporaryProject({
    // Types are guessed by position; declared ones hold by name.
    flights: { path: 'data/month-*', types: { origin: 'string', at: 'timestamp', delay: 'float64' } },
    files: {
      'data/month-1.csv': flightsCsv,
      'data/month-2.csv.gz': gzipSync('delay,origin,at\n7,LGA,2013-02-01T05:00:00Z\n'),
      'data/month-3.csv': '',
    },
  })
  expect(await project.runDelays()).toMatchObject({ outcome: { appended: 4 } })
  project.write('data/month-3.csv', 'origin,at,delay\nLGA,2013-03-01T05:00:00Z,8\n')
  expect(await project.runDelays()).toMatchObject({ outcome: { appended: 1, unchanged: 4 } })
})

test('types that are declared hold for JSON', async () => {
  const project = new TemporaryProject({
    flights: { type: 'ndjson', types: { origin: 'string' } },
    files: { 'data/flights.csv': '{"origin":17,"at":"2013-01-01T05:00:00Z","delay":1}\n' },
  })
  await project.runDelays()
  expect(await project.stored()).toMatchObject([{ origin: '17' }])
})

test.each(['flights[1].csv', 'flights*.csv', 'flights?.csv'])('%s is that file where there is one', async (name) => {
  const other = flightsCsv.replace('2.5', '99')
  const files = { [`data/${name}`]: flightsCsv, 'data/flights1.csv': other, 'data/flights.csv': other }
  const project = new TemporaryProject({ flights: { path: `data/${name}` }, files })
  expect(await project.runDelays()).toMatchObject({ outcome: { appended: 3 } })
  expect((await project.stored()).map(({ delay }) => delay)).toEqual([-4, 2.5, 10])
})

test('files that a pattern finds are read themselves, though their names could be patterns', async () => {
  const files = {
    'data/flights.csv': undefined,
    'data/flights1.csv': flightsCsv,
    'data/flights[1].csv': 'origin,at,delay\nLGA,2013-01-01T05:00:00Z,7\n',
  }
  const project = new TemporaryProject({ flights: { path: 'data/*.csv' }, files })
  expect(await project.runDelays()).toMatchObject({ outcome: { rows: 4, appended: 4 } })
})

test('a source in a folder whose name could be a pattern is found', async () => {
  const files = { 'data/flights.csv': undefined, 'data [2013]/flights.csv': flightsCsv }
  const project = new TemporaryProject({ flights: { path: 'data [2013]/flights.csv' }, files })
  expect(await project.runDelays()).toMatchObject({ outcome: { appended: 3 } })
})
