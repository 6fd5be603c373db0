import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { NewGroup } from '../../../src/feature/index.ts'
import { runCommand } from '../../cli/run-command.ts'
import { TemporaryProject } from '../temporary-project.ts'

const weather = `Station Id,measured at,Temp (C),rain,note
A,2025-01-01 00:00:00,1.5,0,x
A,2025-01-01 01:00:00,2.5,1,
B,2025-01-01 00:00:00,,3,"y, z"
`

const yaml = `# what we know
project: example
sources:
  flights: { type: csv, path: data/flights.csv } # by airline
entities:
  airport: { key: { origin: string } }
featureGroups:
  delays:
    entity: airport
    transform: features/delays.sql
    eventTime: at
    availableAt: at   # landed
    features: { delay: float64 }
`

function projectWith(files: Readonly<Record<string, string>>): TemporaryProject {
  const project = new TemporaryProject({ files })
  project.write('fti.config.yaml', yaml)
  return project
}

const run = ({ folder }: TemporaryProject, ...words: string[]) => runCommand(words, { cwd: folder })

async function made(project: TemporaryProject, ...words: string[]): Promise<NewGroup> {
  const result = await run(project, 'feature', 'new', ...words, '--json')
  expect(result.exit, result.stdout).toBe(0)
  return result.json().data as NewGroup
}

async function runs(project: TemporaryProject, group: string): Promise<void> {
  for (const words of [['check'], ['feature', 'run', group]]) {
    const { exit, stdout } = await run(project, ...words)
    expect(exit, stdout).toBe(0)
  }
}

test('times to the minute, which DuckDB takes for text, are times', async () => {
  const project = projectWith({
    'data/weather.csv':
      'station,at,note\nA,2025-01-01T00:00Z,12:30Z\nB,2025-01-01T02:00+02:00,x\nB,2025-01-01T01:00Z,\n',
  })
  const found = await made(project, 'station_weather', '--from', 'data/weather.csv')
  expect(found).toMatchObject({ key: ['station'], eventTime: 'at', features: { note: 'string' }, isUnique: true })
  await runs(project, 'station_weather')
  const shown = await run(
    project,
    'feature',
    'get',
    'station_weather',
    '--key',
    'station=B',
    '--at',
    '2025-01-01T00:30Z',
    '--json',
  )
  expect(shown.json().data).toMatchObject({ stored: { at: '2025-01-01T00:00:00.000Z', note: 'x' } })
})

test('a group is read from a csv: it passes the check, it runs, and no line of the project file is lost', async () => {
  const project = projectWith({ 'data/weather.csv': weather })
  const found = await made(project, 'station_weather', '--from', 'data/weather.csv')
  expect(found).toMatchObject({
    source: 'weather',
    entity: 'station',
    key: ['station_id'],
    eventTime: 'measured_at',
    features: { temp_c: 'float64', rain: 'int64', note: 'string' },
    rows: 3,
    isUnique: true,
    written: ['features/station_weather.sql', 'fti.config.yaml'],
  })
  for (const line of yaml.split('\n')) expect(project.read('fti.config.yaml')).toContain(line)
  await runs(project, 'station_weather')
  expect(await project.stored('station_weather')).toMatchObject([
    { station_id: 'A', measured_at: '2025-01-01T00:00:00.000Z', temp_c: 1.5, rain: 0, note: 'x' },
    { station_id: 'B', temp_c: null, note: 'y, z' },
    { station_id: 'A', measured_at: '2025-01-01T01:00:00.000Z', note: null },
  ])
})

test('what is declared already is used: the source, and the entity with this key', async () => {
  const project = projectWith({})
  const found = await made(project, 'moves', '--from', 'data/flights.csv', '--available-after', '1h', '--owner', 'ops')
  expect(found).toMatchObject({ source: 'flights', entity: 'airport', key: ['origin'], eventTime: 'at' })
  const config = project.read('fti.config.yaml')
  expect(config.match(/flights\.csv/g)).toHaveLength(1)
  expect(config).toMatch(
    / {2}moves:\n {4}owner: ops\n {4}entity: airport # assumed: .*\n.*\n.*\n {4}availableAfter: 1h\n/,
  )
  await runs(project, 'moves')
})

test.each([
  ['ndjson', '{"order":7,"select":"a","day":"2025-01-02"}\n{"order":8,"select":"b","day":"2025-01-02"}\n'],
  ['tsv', 'order\tselect\tday\n7\ta\t2025-01-02\n8\tb\t2025-01-02\n'],
  ['csv', 'order;select;day\n7;a;2025-01-02\n8;b;2025-01-02\n'],
])('a %s with words of SQL as columns and days as times runs too', async (ending, text) => {
  const project = projectWith({ [`data/orders.${ending}`]: text })
  const found = await made(project, 'orders', '--from', `data/orders.${ending}`, '--key', 'order')
  expect(found).toMatchObject({
    source: 'orders_file',
    entity: 'order',
    eventTime: 'day',
    features: { select: 'string' },
  })
  await runs(project, 'orders')
  expect(await project.stored('orders')).toMatchObject([{ order: 7, select: 'a', day: '2025-01-02T00:00:00.000Z' }, {}])
})

test('a static group has no time', async () => {
  const project = projectWith({ 'data/planes.csv': 'tail_id,seats\nN1,100\nN2,150\n' })
  const found = await made(project, 'planes', '--from', 'data/planes.csv')
  expect(found).toMatchObject({ entity: 'tail', key: ['tail_id'], eventTime: null, features: { seats: 'int64' } })
  expect(project.read('fti.config.yaml')).toContain('    static: true # assumed: no column is a time,')
  await runs(project, 'planes')
})

test('--available-at names a column that is no feature', async () => {
  const csv =
    'id,happened_at,known_at,x\na,2025-01-01T00:00:00Z,2025-01-01T05:00:00Z,1\nb,2025-01-01T00:00:00Z,2025-01-01T06:00:00Z,2\n'
  const project = projectWith({ 'data/late.csv': csv })
  const found = await made(
    project,
    'lates',
    '--from',
    'data/late.csv',
    '--time',
    'happened_at',
    '--available-at',
    'known_at',
  )
  expect(found.features).toEqual({ x: 'int64' })
  await runs(project, 'lates')
  expect((await project.stored('lates'))[0]?.['_available_at']).toBe('2025-01-01T05:00:00.000Z')
})

const arrivals = `sensor_id,received_at,measured_at,level
a,2025-01-01 00:20:00,2025-01-01 00:00:00,1.5
a,2025-01-01 01:15:00,2025-01-01 01:00:00,1.7
`

test('a column that is called like the time of arrival, and is never before the event, says when a row was known', async () => {
  const project = projectWith({ 'data/levels.csv': arrivals })
  const { stdout } = await run(project, 'feature', 'new', 'levels', '--from', 'data/levels.csv')
  expect(stdout).toContain(
    'received_at is when a row was known: its name says so, and it is never before measured_at  (else --available-at or --available-after)',
  )
  const config = project.read('fti.config.yaml')
  expect(config).toContain('eventTime: measured_at # assumed: measured_at is when a row was true')
  expect(config).toContain('availableAt: received_at # assumed: received_at is when a row was known')
  expect(config).toContain('timeZone: UTC } # assumed: times that carry no zone are UTC')
  expect(config).not.toContain('received_at: timestamp')
  await runs(project, 'levels')
  expect((await project.stored('levels'))[0]?.['_available_at']).toBe('2025-01-01T00:20:00.000Z')
})

test('one that is once before the event, or where the caller says otherwise, is a feature', async () => {
  const early = arrivals.replace('2025-01-01 01:15:00', '2025-01-01 00:15:00')
  const project = projectWith({ 'data/early.csv': early, 'data/levels.csv': arrivals })
  const found = await made(project, 'early_levels', '--from', 'data/early.csv')
  expect(found).toMatchObject({ availableAt: 'measured_at', features: { received_at: 'timestamp' } })
  expect(found.assumed.map(({ about }) => about)).toEqual(['key', 'eventTime', 'availableAt', 'timeZone'])
  const told = await made(project, 'levels', '--from', 'data/levels.csv', '--available-after', '1h')
  expect(told).toMatchObject({ availableAt: null, availableAfter: '1h', features: { received_at: 'timestamp' } })
})

test('nothing is assumed where everything is said', async () => {
  const project = projectWith({ 'data/levels.csv': arrivals })
  const flags = ['--key', 'sensor_id', '--time', 'measured_at', '--available-at', 'received_at', '--time-zone', 'UTC']
  const found = await made(project, 'levels', '--from', 'data/levels.csv', ...flags)
  expect(found.assumed).toEqual([])
  expect(project.read('fti.config.yaml')).not.toContain('assumed')
  await made(
    project,
    'moves',
    '--from',
    'data/flights.csv',
    '--key',
    'origin',
    '--time',
    'at',
    '--available-after',
    '1h',
  )
  expect(project.read('fti.config.yaml')).toContain('    entity: airport\n')
})

test('a key that does not tell rows apart is told of', async () => {
  const project = projectWith({ 'data/weather.csv': weather })
  const { stdout } = await run(
    project,
    'feature',
    'new',
    'w',
    '--from',
    'data/weather.csv',
    '--key',
    'Station Id',
    '--static',
  )
  expect(stdout).toContain('warn several rows share one station_id: aggregate, or choose one, in the SQL')
})

test('--dry-run shows both files and writes nothing', async () => {
  const project = projectWith({ 'data/weather.csv': weather })
  const { exit, stdout } = await run(project, 'feature', 'new', 'w', '--from', 'data/weather.csv', '--dry-run')
  expect([exit, stdout]).toEqual([0, expect.stringContaining('"Temp (C)" AS temp_c')])
  expect(stdout).toContain('  w:\n    entity: station')
  expect(project.read('fti.config.yaml')).toBe(yaml)
  expect(existsSync(join(project.folder, 'features/w.sql'))).toBe(false)
})

describe('refused, with nothing written:', () => {
  test.each([
    ['delays --from data/weather.csv', 2, 'FTI_GROUP_EXISTS'],
    ['flights --from data/weather.csv', 2, 'FTI_GROUP_EXISTS'],
    ['mine --from data/weather.csv', 2, 'FTI_GROUP_EXISTS'],
    ['w --from data/wether.csv', 6, 'FTI_SOURCE_MISSING'],
    ['w --from data/weather.xlsx', 2, 'FTI_GROUP_NOT_GUESSED'],
    ['w --from data/same.csv', 2, 'FTI_GROUP_NOT_GUESSED'],
    ['w --from data/weather.csv --key station', 2, 'FTI_GROUP_NOT_GUESSED'],
    ['w --from data/empty.csv', 1, 'FTI_SOURCE_EMPTY'],
    ['Weather --from data/weather.csv', 2, 'FTI_PROJECT_NAME'],
    ['w --from data/weather.csv --available-after 1', 2, 'FTI_PROJECT_VALUE'],
    ['w --from data/weather.csv --time-zone Mars/Base', 1, 'FTI_SQL_FAILED'],
    ['w --from data/weather.csv --static --time rain', 2, 'FTI_FLAG_INVALID'],
    ['w', 2, 'FTI_FLAG_INVALID'],
  ])('fti feature new %s', async (line, exit, code) => {
    const files = { 'data/weather.csv': weather, 'features/mine.sql': '-- mine', 'data/empty.csv': '' }
    const project = projectWith({ ...files, 'data/same.csv': 'a,b\nx,1\nx,1\n' })
    const result = await run(project, 'feature', 'new', ...line.split(' '), '--json')
    expect([result.exit, result.json().error?.['code']]).toEqual([exit, code])
    expect(result.json().error?.['remedy']).toBeTruthy()
    expect(project.read('fti.config.yaml')).toBe(yaml)
    expect(existsSync(join(project.folder, 'features/w.sql'))).toBe(false)
    expect(project.read('features/mine.sql')).toBe('-- mine')
  })
})
