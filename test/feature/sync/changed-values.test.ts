import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openProjectEngine } from '../../../src/feature/index.ts'
import { changedValues } from '../../../src/feature/sync/changed-values.ts'
import { onlineRows, onlineSelect, type SyncState } from '../../../src/online/index.ts'
import { type GroupView, knownAt, openGroup, optimizeStore } from '../../../src/store/index.ts'
import { TemporaryProject } from '../temporary-project.ts'

const hours = (count: number) => new Date(Date.UTC(2013, 0, 1) + count * 3_600_000)

/** Values by key, as a sync of all of them would write them. */
async function allValues(project: TemporaryProject, view: GroupView, moment: Date): Promise<Map<string, string>> {
  const engine = await openProjectEngine(await project.load())
  const { contract } = view.published
  const found = new Map<string, string>()
  for await (const rows of onlineRows(engine.stream(onlineSelect(contract, knownAt(view, moment))), contract))
    for (const row of rows) found.set(JSON.stringify(row.key), JSON.stringify(row))
  await engine.close()
  return found
}

/** What changed is laid over the values of before; undefined when it cannot be told. */
async function applied(
  project: TemporaryProject,
  before: ReadonlyMap<string, string>,
  view: GroupView,
  { synced, moment }: { synced: SyncState; moment: Date },
): Promise<{ values: Map<string, string>; touched: number } | undefined> {
  const engine = await openProjectEngine(await project.load())
  const changes = await changedValues(engine, join(project.folder, 'store'), view, { synced, moment })
  if (changes === undefined) return undefined
  const values = new Map(before)
  let touched = 0
  for await (const batch of changes) {
    for (const change of batch) {
      touched++
      if ('isGone' in change) values.delete(JSON.stringify(change.key))
      else values.set(JSON.stringify(change.key), JSON.stringify(change))
    }
  }
  await engine.close()
  return { values, touched }
}

const view = (project: TemporaryProject) => openGroup(join(project.folder, 'store'), 'delays')

const stateOf = (view: GroupView, moment: Date, asOf: Date | null = null): SyncState => ({
  syncId: 'a',
  syncedAt: moment.toISOString(),
  asOf: asOf?.toISOString() ?? null,
  snapshot: view.reference.snapshot,
  keys: ['origin'],
  features: ['delay'],
  rows: 0,
})

/** Park and Miller's generator. */
function generator(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

/** Rows of a source that grows, restates what it had, and brings late rows. */
function csv(random: (below: number) => number, upToHour: number): string {
  const rows = new Map<string, string>()
  for (let i = 0; i < 60; i++) {
    const [origin, hour] = [`A${random(20)}`, random(upToHour)]
    rows.set(`${origin} ${hour}`, `${origin},${hours(hour).toISOString()},${random(9)}`)
  }
  return `origin,at,delay\n${[...rows.values()].join('\n')}\n`
}

test.each([1, 2, 3, 4])(
  'what changed, laid over the values of before, gives the values of now (seed %i)',
  async (seed) => {
    const random = generator(seed * 7919)
    // Known three hours after it was true: rows become known without any commit.
    const delays = { availableAt: undefined, availableAfter: '3h' }
    const project = new TemporaryProject({ delays })
    let state: SyncState | undefined
    let values = new Map<string, string>()
    for (let step = 1; step <= 5; step++) {
      const moment = hours(step * 24)
      if (random(4) > 0 || step === 1) {
        project.write('data/flights.csv', csv(random, step * 24))
        await project.run({ now: moment })
      }
      const now = await view(project)
      const expected = await allValues(project, now, moment)
      if (state === undefined) values = expected
      else values = (await applied(project, values, now, { synced: state, moment }))?.values ?? new Map()
      expect([...values].sort()).toEqual([...expected].sort())
      state = stateOf(now, moment)
    }
  },
  60_000,
)

test('only keys with new rows are touched', async () => {
  const project = new TemporaryProject()
  await project.run({ now: hours(24) })
  const before = await view(project)
  project.write('data/flights.csv', `origin,at,delay\nJFK,2013-01-02T05:00:00Z,7\n`)
  await project.run({ now: hours(48) })
  const found = await applied(project, new Map(), await view(project), {
    synced: stateOf(before, hours(24)),
    moment: hours(48),
  })
  expect(found?.touched).toBe(1)
  expect([...(found?.values.keys() ?? [])]).toEqual(['["JFK"]'])
})

test('from a moment of the past on, what was not known then is a change; back to it, it cannot be told', async () => {
  const project = new TemporaryProject()
  await project.run({ now: hours(24) })
  const now = await view(project)
  const [early, late] = [new Date('2013-01-01T05:30:00Z'), hours(24)]
  const before = await allValues(project, now, early)
  const found = await applied(project, before, now, { synced: stateOf(now, late, early), moment: late })
  expect(found?.values).toEqual(await allValues(project, now, late))
  expect(await applied(project, before, now, { synced: stateOf(now, late), moment: early })).toBeUndefined()
})

test('a compaction in between touches no key', async () => {
  const project = new TemporaryProject()
  const run = async (hour: number, row: string) => {
    project.write('data/flights.csv', `origin,at,delay\n${row}\n`)
    await project.run({ now: hours(hour) })
  }
  await run(24, 'JFK,2013-01-01T05:00:00Z,5')
  await run(48, 'EWR,2013-01-02T05:00:00Z,6')
  const before = await view(project)
  const root = join(project.folder, 'store')
  const work = { root, tempDirectory: join(project.folder, '.fti/tmp'), groups: [], now: hours(49) }
  expect(await optimizeStore(work)).toMatchObject([{ after: { files: 1 } }])
  const [synced, moment] = [stateOf(before, hours(48)), hours(72)]
  expect((await applied(project, new Map(), await view(project), { synced, moment }))?.touched).toBe(0)
  await run(72, 'LGA,2013-01-03T05:00:00Z,7')
  const found = await applied(project, new Map(), await view(project), { synced, moment })
  expect([...(found?.values.keys() ?? [])]).toEqual(['["LGA"]'])
})
