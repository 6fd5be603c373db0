import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentReporter } from '../../../src/base/index.ts'
import { compareContracts, contractOf } from '../../../src/contract/index.ts'
import { syncGroups } from '../../../src/feature/index.ts'
import { listSyncStates, openOnlineReader } from '../../../src/online/index.ts'
import { latestContract, publishContract } from '../../../src/store/index.ts'
import { registerReader } from '../registered-reader.ts'
import { flightsCsv, type ProjectChanges, TemporaryProject } from '../temporary-project.ts'

const model = {
  task: 'binary',
  spine: 'training/late.sql',
  time: 'at',
  label: { group: 'outcomes', feature: 'late' },
  features: [{ group: 'delays', pick: ['delay'] }],
  network: { type: 'mlp', layers: [4] },
  split: { test: '1d', validation: '1d' },
}
const outcomes = {
  entity: 'airport',
  transform: 'features/outcomes.sql',
  eventTime: 'at',
  availableAt: 'at',
  features: { late: 'boolean' },
}
const files = {
  'features/outcomes.sql': 'SELECT origin, "at", delay > 5 AS late FROM flights',
  'training/late.sql': 'SELECT origin, "at" FROM outcomes',
}
/** Two groups, of which a model reads one through its view and the other as its label. */
const withModel: ProjectChanges = { groups: { outcomes }, models: { late: model }, files }

async function online(project: TemporaryProject, key: string, group = 'delays', version = 1) {
  const reader = await openOnlineReader((await project.load()).online)
  try {
    const values = await reader.fetch(() => [{ group, contractVersion: version, keys: [[key]] }])
    return values.get(group, version, [key])?.values
  } finally {
    await reader.close()
  }
}

async function synced(project: TemporaryProject): Promise<string[]> {
  const states = await listSyncStates((await project.load()).online)
  return states.map(({ group, contractVersion, state }) => `${group} v${contractVersion} @${state.snapshot}`)
}

async function sync(project: TemporaryProject, groups: string[] = [], asOf?: string) {
  return syncGroups({
    project: await project.load(),
    groups,
    asOf: asOf === undefined ? undefined : new Date(asOf),
    now: new Date(),
    command: 'fti feature sync',
    lockWaitMs: 0,
    reporter: silentReporter,
  })
}

test('a run puts the newest value of each key into the online store', async () => {
  const project = new TemporaryProject()
  expect(await project.runDelays()).toMatchObject({ syncedKeys: 2 })
  expect([await online(project, 'JFK'), await online(project, 'EWR'), await online(project, 'LGA')]).toEqual([
    [10],
    [-4],
    undefined,
  ])
})

test('an unchanged snapshot is not copied again, a new one is', async () => {
  const project = new TemporaryProject()
  await project.run()
  expect((await project.runDelays()).syncedKeys).toBeUndefined()
  project.write('data/flights.csv', `${flightsCsv}JFK,2013-01-01T07:00:00Z,77\n`)
  expect((await project.runDelays()).syncedKeys).toBe(2)
  expect(await online(project, 'JFK')).toEqual([77])
})

test('an online store that is gone is filled by a run that has nothing else to do', async () => {
  const project = new TemporaryProject()
  await project.run()
  rmSync(join(project.folder, '.fti/online'), { recursive: true })
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', syncedKeys: 2 })
  expect(await online(project, 'JFK')).toEqual([10])
})

test('a store that was lost and begun anew is copied whole, though its snapshots have the numbers of the old ones', async () => {
  const project = new TemporaryProject()
  await project.run()
  rmSync(join(project.folder, 'store'), { recursive: true })
  project.write('data/flights.csv', 'origin,at,delay\nJFK,2013-01-01T06:00:00Z,77\n')
  expect(await project.runDelays()).toMatchObject({ status: 'committed', syncedKeys: 1 })
  expect(await synced(project)).toEqual(['delays v1 @0'])
  expect([await online(project, 'JFK'), await online(project, 'EWR')]).toEqual([[77], undefined])
})

test('what an older fti synced, which did not say of which table, is not copied again', async () => {
  const project = new TemporaryProject()
  await project.run()
  const path = join(project.folder, '.fti/online/delays/v1/1/state.json')
  const { table, ...state } = JSON.parse(readFileSync(path, 'utf8')).state
  expect(table).toEqual(expect.any(String))
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), state }))
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', syncedKeys: undefined })
  expect(await online(project, 'JFK')).toEqual([10])
})

test('a value whose time comes after its commit is copied when it has come', async () => {
  const project = new TemporaryProject({ delays: { availableAt: undefined, availableAfter: '1h' } })
  await project.run({ now: new Date('2013-01-01T06:30:00Z') })
  expect(await online(project, 'JFK')).toEqual([2.5])
  expect((await project.runDelays({ now: new Date('2013-01-01T06:40:00Z') })).syncedKeys).toBeUndefined()
  expect(await project.runDelays({ now: new Date('2013-01-01T07:00:00Z') })).toMatchObject({
    status: 'nothing to do',
    syncedKeys: 2,
  })
  expect(await online(project, 'JFK')).toEqual([10])
})

test('sync --as-of puts the online store at a moment, and the next run brings it back to now', async () => {
  const project = new TemporaryProject()
  await project.run()
  expect(await sync(project, [], '2013-01-01T05:30:00Z')).toMatchObject([
    { group: 'delays', contractVersion: 1, state: { asOf: '2013-01-01T05:30:00.000Z', rows: 2 } },
  ])
  expect(await online(project, 'JFK')).toEqual([2.5])
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', syncedKeys: 2 })
  expect(await online(project, 'JFK')).toEqual([10])
})

test('before the first value was known nothing is online', async () => {
  const project = new TemporaryProject()
  await project.run()
  expect(await sync(project, ['delays'], '2012-01-01T00:00:00Z')).toMatchObject([{ state: { rows: 0 } }])
  expect(await online(project, 'JFK')).toBeUndefined()
})

test('where models are, only what their views read is copied', async () => {
  const project = new TemporaryProject(withModel)
  await project.run()
  expect(await synced(project)).toEqual(['delays v1 @0'])
  expect((await sync(project)).map(({ group }) => group)).toEqual(['delays'])
})

test('a group that was synced by name is kept up from then on', async () => {
  const project = new TemporaryProject(withModel)
  await project.run()
  await sync(project, ['outcomes'])
  project.write('data/flights.csv', `${flightsCsv}JFK,2013-01-01T07:00:00Z,77\n`)
  await project.run()
  expect(await synced(project)).toEqual(['delays v1 @1', 'outcomes v1 @1'])
})

test('a group that a tagged version reads is copied, whatever this project reads', async () => {
  const project = new TemporaryProject(withModel)
  await registerReader(join(project.folder, 'registry'), { group: 'outcomes', contractVersion: 1, pick: ['late'] })
  await project.run()
  expect(await synced(project)).toEqual(['delays v1 @0', 'outcomes v1 @0'])
})

test('the contract version that a served model is pinned to stays online beside its successor', async () => {
  const project = new TemporaryProject(withModel)
  await project.run()
  await registerReader(join(project.folder, 'registry'), { group: 'delays', contractVersion: 1, pick: ['delay'] })
  await applyBreaking(project)
  await project.run()
  expect(await synced(project)).toEqual(['delays v1 @0', 'delays v2 @0'])
  rmSync(join(project.folder, '.fti/online'), { recursive: true })
  await project.run()
  expect(await synced(project)).toEqual(['delays v1 @0', 'delays v2 @0'])
  expect([await online(project, 'JFK', 'delays', 1), await online(project, 'JFK', 'delays', 2)]).toEqual([[10], [10]])
})

/** Another unit, published as `fti apply` does. */
async function applyBreaking(project: TemporaryProject): Promise<void> {
  project.configure({ ...withModel, delays: { features: { delay: { type: 'float64', unit: 'min' } } } })
  const { groups, store } = await project.load()
  const delays = groups.get('delays')
  const before = await latestContract(store, 'delays')
  if (delays === undefined || before === undefined) throw new Error('delays is not there')
  const changes = compareContracts(before.contract, contractOf(delays))
  const publication = { version: 2, changes, class: 'breaking' as const, by: 'test', now: new Date() }
  await publishContract(store, contractOf(delays), publication)
}

test('a registry that cannot be read is a warning: the run goes on with what its own models read', async () => {
  const project = new TemporaryProject(withModel)
  const registry = join(project.folder, 'registry')
  await registerReader(registry, { group: 'outcomes', contractVersion: 1, pick: ['late'] })
  const journal = join(registry, 'late_departure/journal')
  for (const name of readdirSync(journal)) writeFileSync(join(journal, name), 'torn')
  const warnings: string[] = []
  const reporter = { ...silentReporter, warn: (message: string) => void warnings.push(message) }
  expect(await project.run({ reporter })).toMatchObject({ delays: { status: 'committed' } })
  expect(warnings).toEqual([expect.stringMatching(/^the registry cannot be read/)])
  expect(await synced(project)).toEqual(['delays v1 @0'])
})

test('an unknown group is refused, and one that was never run comes with the command', async () => {
  const project = new TemporaryProject(withModel)
  await project.run({ groups: ['outcomes'] })
  await expect(sync(project, ['delays'])).rejects.toMatchObject({
    code: 'FTI_GROUP_UNKNOWN',
    remedy: 'run: fti feature run delays',
  })
  await expect(sync(project, ['outcome'])).rejects.toMatchObject({
    code: 'FTI_GROUP_UNKNOWN',
    remedy: "did you mean 'outcomes'?",
  })
})
