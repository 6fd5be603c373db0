import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import type { Contract } from '../../src/contract/index.ts'
import { findProject, loadProject } from '../../src/project/index.ts'
import { edited, failure, load, projectFile, reference } from './project-folder.ts'

const hour = 3_600_000
const day = 24 * hour

test('the reference project becomes nouns with absolute paths', async () => {
  const file = projectFile(reference)
  const project = await loadProject({ file, env: {} })
  const directory = dirname(file)
  expect(project).toMatchObject({
    name: 'flights',
    directory,
    file,
    store: join(directory, 'store'),
    registry: join(directory, 'registry'),
    online: { kind: 'lmdb', path: join(directory, '.fti/online') },
    state: join(directory, '.fti'),
  })
  expect([...project.sources.keys()]).toEqual(['flights', 'weather', 'planes'])
  expect(project.sources.get('weather')).toEqual({
    name: 'weather',
    type: 'csv',
    path: join(directory, 'data/weather.csv.gz'),
    nulls: ['NA'],
    types: {},
    timeZone: 'America/New_York',
    delimiter: ',',
    encoding: 'utf-8',
  })
  expect([...project.groups.keys()]).toEqual([
    'airport_departures',
    'aircraft',
    'scheduled_flights',
    'departure_outcomes',
  ])
})

test('a feature group carries everything that was declared', async () => {
  const project = await load(reference)
  expect(project.groups.get('airport_departures')).toEqual({
    name: 'airport_departures',
    description: 'Departure delays at one airport, over the last hours',
    owner: 'data-team',
    entity: { name: 'airport', key: { origin: 'string' } },
    transform: { kind: 'sql', path: join(project.directory, 'features/airport_departures.sql') },
    isStatic: false,
    eventTime: 'departed_at',
    availability: { kind: 'column', column: 'departed_at' },
    features: [
      { name: 'delay_mean_1h', type: 'float64', unit: 'min', range: [-60, 1500], nullable: true },
      { name: 'departures_3h', type: 'int32', range: [0, 500], nullable: false, renamedFrom: 'departures' },
    ],
    expectations: { rows: ['departures_3h >= 0'], batch: ['count(*) > 0'] },
    onInvalid: 'quarantine',
    maxAgeMs: 6 * hour,
    maxFutureMs: 5 * 60_000,
    freshness: { warnMs: 2 * hour, errorMs: 6 * hour },
    schedule: { cron: '*/15 * * * *', retry: { times: 3, backoffMs: 30_000 } },
  })
})

test('a static group has no times, and what is not said has its default', async () => {
  const project = await load(reference)
  const aircraft = project.groups.get('aircraft')
  expect(aircraft).toMatchObject({ isStatic: true, onInvalid: 'fail', schedule: { retry: { times: 0 } } })
  expect([aircraft?.eventTime, aircraft?.availability, aircraft?.maxAgeMs]).toEqual([undefined, undefined, undefined])
})

test('a model carries its view, request, network, split, gates and triggers', async () => {
  const project = await load(reference)
  expect(project.models.get('late_departure')).toMatchObject({
    task: 'binary',
    spine: join(project.directory, 'training/late_departure.sql'),
    time: 'predict_at',
    label: { group: 'departure_outcomes', feature: 'late', positive: true },
    features: [
      { group: 'airport_departures', on: {}, pick: ['delay_mean_1h', 'departures_3h'] },
      { group: 'aircraft', on: {}, pick: ['seats'] },
    ],
    request: [
      { name: 'carrier', type: 'string' },
      { name: 'distance', type: 'float64', range: [0, 6000] },
      { name: 'scheduled_at', type: 'timestamp' },
    ],
    onDemand: {
      module: join(project.directory, 'features/schedule.ts'),
      inputs: ['scheduled_at'],
      outputs: { hour: 'float64', weekday: 'int32' },
    },
    transforms: { carrier: ['oneHot'], distance: ['log', 'standardize'] },
    network: { type: 'mlp', layers: [64, 32], dropout: 0.1 },
    fit: { epochs: 20, batchSize: 512, learningRate: 0.001, earlyStopping: 3, seed: 7 },
    split: { by: 'time', testMs: 60 * day, validationMs: 30 * day, gapMs: day },
    gates: [
      { metric: 'auc', min: 0.72, minRows: 0 },
      { metric: 'auc', notWorseThan: 'champion', minRows: 0 },
      { metric: 'auc', slice: 'origin', min: 0.68, minRows: 500 },
    ],
    retrain: { newRows: 20000, olderThanMs: 30 * day },
    schedule: { cron: '0 3 * * *' },
  })
})

test('a service answers with the champion unless another tag is named', async () => {
  const project = await load(reference)
  expect(project.services.get('late_departure')).toMatchObject({
    model: 'late_departure',
    tag: 'champion',
    onUnknownEntity: 'impute',
    onUnavailableFeatures: 'impute',
    port: 8080,
    objective: { p99Ms: 50 },
  })
})

test('a place is the line and column of a key, or of the nearest parent that exists', async () => {
  const project = await load(reference)
  expect(project.locate(['featureGroups', 'aircraft'])).toMatch(/fti\.config\.yaml:36:3$/)
  expect(project.locate(['featureGroups', 'aircraft', 'transform'])).toMatch(/:39:16$/)
  expect(project.locate(['featureGroups', 'aircraft', 'onInvalid'])).toMatch(/:36:3$/)
  expect(project.excerpt(['featureGroups', 'aircraft', 'transform'])).toBe(
    `39 |     transform: features/aircraft.sql\n${' '.repeat(20)}^`,
  )
})

test('the digest follows the configuration, not its layout or its folder', async () => {
  const { digest } = await load(reference)
  expect((await load(`# moved\n${reference.replaceAll('\n', '\r\n')}`)).digest).toBe(digest)
  expect((await load(edited('epochs: 20', 'epochs: 21'))).digest).not.toBe(digest)
})

test('the order of key columns is part of the digest', async () => {
  const first = await load(edited('{ origin: string }', '{ origin: string, gate: string }'))
  const second = await load(edited('{ origin: string }', '{ gate: string, origin: string }'))
  expect(first.digest).not.toBe(second.digest)
})

test('an environment variable may stand anywhere in a value, and for a number when it stands alone', async () => {
  const text = edited('port: 8080', `port: \${env:PORT}`, edited('store: store', `store: /data/\${env:WHO}/store`))
  const project = await load(text, { env: { PORT: '8081', WHO: 'ann' } })
  expect(project.store).toBe('/data/ann/store')
  expect(project.services.get('late_departure')?.port).toBe(8081)
})

test('inside braces a quoted variable may stand for a number', async () => {
  const project = await load(edited('epochs: 20', `epochs: "\${env:EPOCHS}"`), { env: { EPOCHS: '3' } })
  expect(project.models.get('late_departure')?.fit.epochs).toBe(3)
})

test('a variable with the text of a structure stays text', async () => {
  const project = await load(edited('owner: data-team', `owner: \${env:OWNER}`), { env: { OWNER: '{ a: [1] }' } })
  expect(project.groups.get('airport_departures')?.owner).toBe('{ a: [1] }')
})

test('an overlay is merged key by key, and replaces lists whole', async () => {
  const file = projectFile(reference)
  const overlay = 'store: /srv/store\nmodels:\n  late_departure:\n    fit: { epochs: 1 }\n    gates: []\n'
  writeFileSync(join(dirname(file), 'fti.config.ci.yaml'), overlay)
  const project = await loadProject({ file, environment: 'ci', env: {} })
  expect(project.store).toBe('/srv/store')
  expect(project.models.get('late_departure')).toMatchObject({ fit: { epochs: 1, batchSize: 512 }, gates: [] })
  expect(project.locate(['store'])).toMatch(/fti\.config\.ci\.yaml:1:8$/)
  expect(project.locate(['registry'])).toMatch(/fti\.config\.yaml:4:11$/)
})

test('an error in an overlay is placed in the overlay', async () => {
  const file = projectFile(reference)
  writeFileSync(join(dirname(file), 'fti.config.ci.yaml'), 'models:\n  late_departure:\n    fit: { epoch: 1 }\n')
  const { message, detail } = await failure(loadProject({ file, environment: 'ci', env: {} }))
  expect(message).toBe("unknown key 'epoch' in models.late_departure.fit")
  expect(detail).toContain('3 |     fit: { epoch: 1 }')
})

test('an overlay cannot reach a prototype', async () => {
  const file = projectFile(reference)
  writeFileSync(
    join(dirname(file), 'fti.config.ci.yaml'),
    '__proto__: { polluted: 1 }\nmodels: { constructor: { a: 1 } }\n',
  )
  const { code } = await failure(loadProject({ file, environment: 'ci', env: {} }))
  expect(code).toBe('FTI_PROJECT_NAME')
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test.each(['staging', '../secret', 'CI', ''])(
  'an environment without an overlay is refused: %j',
  async (environment) => {
    const file = projectFile(reference)
    writeFileSync(join(dirname(file), 'fti.config.stage.yaml'), '')
    const { code, remedy } = await failure(loadProject({ file, environment, env: {} }))
    expect(code).toBe('FTI_PROJECT_OVERLAY_UNKNOWN')
    expect(remedy).toContain('stage')
  },
)

test('the project file is found from a folder below it', async () => {
  const file = projectFile(reference)
  const below = join(dirname(file), 'features/deep')
  mkdirSync(below, { recursive: true })
  expect(await findProject(below)).toBe(file)
  expect((await loadProject({ directory: below, env: {} })).file).toBe(file)
})

test('without a project file the error says how to make one', async () => {
  const { code, remedy } = await failure(loadProject({ directory: '/', env: {} }))
  expect(code).toBe('FTI_PROJECT_NOT_FOUND')
  expect(remedy).toContain('fti init')
})

test('a project file called .yml is recognised as a mistake', async () => {
  const file = projectFile(reference, 'fti.config.yml')
  expect((await failure(loadProject({ directory: dirname(file), env: {} }))).remedy).toBe(
    'rename fti.config.yml to fti.config.yaml',
  )
})

test.each([
  ['a file that is absent', '/nowhere/fti.config.yaml'],
  ['a folder', '/'],
])('%s is refused', async (_what, file) => {
  expect((await failure(loadProject({ file, env: {} }))).code).toBe('FTI_PROJECT_NOT_FOUND')
})

const published: Contract = {
  group: 'aircraft_health',
  entity: { name: 'aircraft', key: { tailnum: 'string' } },
  isStatic: true,
  features: [{ name: 'defects', type: 'int32', nullable: true }],
  expectations: { rows: [], batch: [] },
}
const foreign = edited('{ group: aircraft, pick: [seats] }', '{ group: aircraft_health, pick: [defects] }')

test('a view may read a group that another project published in the store', async () => {
  const project = await load(foreign, { published: new Map([[published.group, published]]) })
  expect(project.models.get('late_departure')?.features[1]).toMatchObject({
    group: 'aircraft_health',
    pick: ['defects'],
  })
})

test('a published group is checked like an own one', async () => {
  const text = edited('[defects]', '[defect]', foreign)
  const { code, remedy } = await failure(load(text, { published: new Map([[published.group, published]]) }))
  expect([code, remedy]).toEqual(['FTI_PROJECT_REFERENCE', "did you mean 'defects'?"])
})

test('the store is asked only for groups that the file does not define', async () => {
  const asked: string[] = []
  const ask = async (store: string) => {
    asked.push(store)
    return new Map([[published.group, published]])
  }
  await load(reference, { published: ask })
  expect(asked).toEqual([])
  const project = await load(foreign, { published: ask })
  expect(asked).toEqual([project.store])
})

test('without the store a group of another project is dangling', async () => {
  expect(await failure(load(foreign))).toMatchObject({
    code: 'FTI_PROJECT_REFERENCE',
    message: "there is no feature group 'aircraft_health'",
  })
})

test('a caller that never reads the view need not have the store', async () => {
  const project = await load(foreign, { published: 'unchecked' })
  expect(project.services.size).toBe(1)
})

test('missing SQL files and modules are found when asked for', async () => {
  await expect(load(reference)).resolves.toBeDefined()
  const { code, place, problems } = await failure(load(reference, { checkFiles: true }))
  expect([code, place]).toEqual(['FTI_PROJECT_REFERENCE', '22:16'])
  expect(problems).toHaveLength(6)
})

test('a group joined twice gets a prefix, and may be joined by another key', async () => {
  const twice =
    '{ group: aircraft, pick: [seats] }\n      - { group: aircraft, pick: [seats], on: { tailnum: partner }, as: partner }'
  const project = await load(edited('{ group: aircraft, pick: [seats] }', twice))
  expect(project.models.get('late_departure')?.features[2]).toEqual({
    group: 'aircraft',
    pick: ['seats'],
    on: { tailnum: 'partner' },
    as: 'partner',
  })
})

test('a regression needs no positive value, and a text label needs one', async () => {
  const regression = reference
    .replace('task: binary', 'task: regression')
    .replace('feature: late, positive: true', 'feature: late')
    .replace('late: { type: boolean }', 'late: { type: float64 }')
    .replaceAll('metric: auc', 'metric: mae')
  expect((await load(regression)).models.get('late_departure')?.label.positive).toBeUndefined()
  const text = reference.replace('late: { type: boolean }', 'late: string').replace(', positive: true', '')
  expect((await failure(load(text))).remedy).toBe('add positive: the string that counts as 1')
})
