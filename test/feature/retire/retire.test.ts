import { existsSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { planRetirement, type RetireOptions, retire } from '../../../src/feature/index.ts'
import { listSyncStates } from '../../../src/online/index.ts'
import { apply, rollBack } from '../../../src/operations/index.ts'
import { moveTag } from '../../../src/registry/index.ts'
import { openGroup, readContracts, readRetirement } from '../../../src/store/index.ts'
import { registerReader } from '../registered-reader.ts'
import { TemporaryProject } from '../temporary-project.ts'

const now = new Date('2013-01-08T00:00:00Z')
const v1 = { group: 'delays', contractVersion: 1 }
const options: RetireOptions = { selector: v1, by: 'test', why: 'nobody reads it', now, command: 'fti', lockWaitMs: 0 }

/** Two contract versions, both with a table and online; a champion reads the first. */
async function twoVersions(): Promise<TemporaryProject> {
  const project = new TemporaryProject()
  await project.run({ now })
  await registerReader(join(project.folder, 'registry'), { ...v1, pick: ['delay'] })
  project.configure({ delays: { features: { delay: { type: 'float64', unit: 's' } } } })
  await apply(await project.load(), { by: 'test', now })
  await project.run({ now })
  return project
}

/** The champion reads version 2 from now on. */
async function moveChampion(project: TemporaryProject): Promise<void> {
  await registerReader(join(project.folder, 'registry'), { group: 'delays', contractVersion: 2, pick: ['delay'] })
}

test('is refused while a tag points to a reader, names it, and removes nothing', async () => {
  const project = await twoVersions()
  const loaded = await project.load()
  await expect(retire(loaded, options)).rejects.toMatchObject({
    code: 'FTI_RETIRE_REFUSED',
    exit: 1,
    detail: 'late_departure@1 (champion) reads it',
  })
  expect((await openGroup(loaded.store, 'delays', v1)).snapshot.rows).toBe(3)
  expect(await readRetirement(loaded.store, 'delays', 1)).toBeUndefined()
})

test('the plan names what goes, what is lost, and changes nothing', async () => {
  const project = await twoVersions()
  await moveChampion(project)
  const loaded = await project.load()
  expect(await planRetirement(loaded, v1)).toEqual({
    ...v1,
    retiredAt: null,
    table: { path: 'store/delays/v1', rows: 3, files: 1, bytes: expect.any(Number) },
    online: { keys: 2 },
    refusals: [],
    lost: ['late_departure@1'],
    datasets: [],
  })
  expect((await openGroup(loaded.store, 'delays', v1)).snapshot.rows).toBe(3)
})

test('removes table and namespace, keeps the contract, and says who, when and why to whoever still reads', async () => {
  const project = await twoVersions()
  await moveChampion(project)
  const loaded = await project.load()
  await retire(loaded, options)
  expect(existsSync(join(loaded.store, 'delays', 'v1'))).toBe(false)
  expect((await listSyncStates(loaded.online)).map(({ contractVersion }) => contractVersion)).toEqual([2])
  expect((await readContracts(loaded.store, 'delays')).map(({ version }) => version)).toEqual([1, 2])
  await expect(openGroup(loaded.store, 'delays', v1)).rejects.toMatchObject({
    code: 'FTI_CONTRACT_RETIRED',
    message: 'delays v1 was retired at 2013-01-08T00:00:00.000Z by test: nobody reads it',
  })
  expect((await openGroup(loaded.store, 'delays')).reference.contractVersion).toBe(2)
  expect((await project.runDelays({ now })).status).toBe('nothing to do')
})

test('a second time finds what was done and does no harm', async () => {
  const project = await twoVersions()
  await moveChampion(project)
  const loaded = await project.load()
  await retire(loaded, options)
  const { plan, retirement } = await retire(loaded, { ...options, by: 'somebody else' })
  expect(plan).toMatchObject({ retiredAt: now.toISOString(), table: null, online: null })
  expect(retirement.by).toBe('test')
})

test('the newest version, one that is still fed and one that does not exist are refused', async () => {
  const project = await twoVersions()
  await moveChampion(project)
  const refusals = async (contractVersion: number) =>
    (await planRetirement(await project.load(), { group: 'delays', contractVersion })).refusals
  expect(await refusals(2)).toContain('it is the newest contract version of its group')
  project.configure({
    delays: { features: { delay: { type: 'float64', unit: 's' } }, compat: { v1: 'features/old.sql' } },
  })
  expect(await refusals(1)).toEqual([expect.stringContaining('featureGroups.delays.compat.v1 still feeds it')])
  await expect(refusals(3)).rejects.toMatchObject({ code: 'FTI_GROUP_UNKNOWN', remedy: 'it has v1, v2' })
})

test('without the registry of others to ask nothing is retired', async () => {
  const project = new TemporaryProject()
  await project.run({ now })
  const loaded = { ...(await project.load()), registry: join(tmpdir(), 'fti-not-mounted') }
  await expect(planRetirement(loaded, v1)).rejects.toMatchObject({ code: 'FTI_REGISTRY_UNREACHABLE' })
})

test('a link to a registry that is away is no registry that was never made', async () => {
  const project = new TemporaryProject()
  await project.run({ now })
  symlinkSync(join(tmpdir(), 'fti-not-mounted'), join(project.folder, 'registry'))
  await expect(planRetirement(await project.load(), v1)).rejects.toMatchObject({ code: 'FTI_REGISTRY_UNREACHABLE' })
})

test('a project that has registered nothing, and so has no registry yet, retires what it made', async () => {
  const project = new TemporaryProject()
  await project.run({ now })
  project.configure({ delays: { features: { delay: { type: 'float64', unit: 's' } } } })
  await apply(await project.load(), { by: 'test', now })
  await project.run({ now })
  expect(existsSync(join(project.folder, 'registry'))).toBe(false)
  const { retirement } = await retire(await project.load(), options)
  expect(retirement).toMatchObject({ version: 1, rows: 3 })
  await expect(openGroup(join(project.folder, 'store'), 'delays', v1)).rejects.toMatchObject({
    code: 'FTI_CONTRACT_RETIRED',
  })
})

test('a tag that moved back keeps the version', async () => {
  const project = await twoVersions()
  await moveChampion(project)
  const loaded = await project.load()
  await moveTag(loaded.registry, 'late_departure', { tag: 'champion', to: 1, by: 'test', now })
  await expect(retire(loaded, options)).rejects.toMatchObject({ code: 'FTI_RETIRE_REFUSED' })
})

test('a version that reads what was retired is no version to roll back to', async () => {
  const project = await twoVersions()
  await moveChampion(project)
  const loaded = await project.load()
  await retire(loaded, options)
  await expect(rollBack(loaded, 'late_departure', { tag: 'champion', by: 'test', now })).rejects.toMatchObject({
    code: 'FTI_NOT_PROMOTABLE',
    message: 'late_departure@1 reads delays v1, which was retired on 2013-01-08',
  })
})
