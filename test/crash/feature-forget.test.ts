import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/index.ts'
import type { ForgetPlan } from '../../src/operations/index.ts'
import { listDatasets, readDataset } from '../../src/store/index.ts'
import { bundleScript } from '../script.ts'
import { killSweep } from './kill-sweep.ts'
import { type FeatureState, featureState } from './project-state.ts'
import { fti, SmallProject, writeRentals } from './small-project.ts'

const kills = process.env['FTI_LONG'] ? 40 : 2
const key = { station: 'harbour', day: '2025-04-02' }
const words = ['feature', 'forget', 'station_days', '--key', `station=${key.station}`, '--key', `day=${key.day}`]

let project: SmallProject
let engine: Engine
beforeAll(async () => {
  project = await SmallProject.make()
  engine = await openEngine({ tempDirectory: join(project.folder, 'spill'), allowedDirectories: [project.folder] })
  for (const rows of [150, 200]) {
    await writeRentals(project.directory, rows)
    await fti(project.directory, 'feature', 'run')
  }
  await fti(project.directory, 'train')
  const log = join(project.directory, 'store/_predictions/busy_day')
  mkdirSync(log, { recursive: true })
  const lines = [key, { ...key, station: 'museum' }].map((instance) => `${JSON.stringify({ id: 'r', instance })}\n`)
  writeFileSync(join(log, 'a.ndjson'), lines.join(''))
}, 120_000)
afterAll(async () => {
  await engine.close()
  await project.remove()
})

async function plan(directory: string): Promise<ForgetPlan> {
  return (JSON.parse(await fti(directory, ...words, '--json')) as { data: { plan: ForgetPlan } }).data.plan
}

interface State extends FeatureState {
  readonly examples: number
}

/** Reading a dataset compares its digests: at any time it is whole. */
async function stateOf(directory: string): Promise<State> {
  const store = join(directory, 'store')
  let examples = 0
  for (const { id } of await listDatasets(store, 'busy_day')) {
    const { rows } = await readDataset(store, 'busy_day', id)
    examples += rows.train + rows.validation + rows.test
  }
  return { ...(await featureState(engine, directory)), profiled: true, examples }
}

test('the plan names table, dataset, online store, log, and the version that cannot be made again', async () => {
  const found = await plan(project.directory)
  expect(found).toMatchObject({
    tables: [{ group: 'station_days', name: 'v1', rows: 1, files: [{ rows: 1, to: null }] }],
    datasets: [{ model: 'busy_day' }],
    online: [{ group: 'station_days', isServed: true }],
    requests: [{ lines: 1, isLive: false }],
    breaks: [{ version: 'busy_day@1' }],
  })
})

test(`killed at any of ${kills} moments it leaves everything readable, and the same command finishes`, async () => {
  await killSweep<State>({
    words: [...words, '--yes'],
    kills,
    clock: await bundleScript(new URL('./tell-calls.ts', import.meta.url)),
    copy: () => project.copy(),
    stateOf,
    outcomeOf: (left, before, after) => {
      for (const what of ['rows', 'commits', 'online', 'examples'] as const)
        expect(left[what]).toBeOneOf([before[what], after[what]])
      const isDone = (['rows', 'online', 'examples'] as const).filter((what) => left[what] === after[what])
      return isDone.length === 0 ? 'before' : `with ${isDone.join(', ')} done`
    },
    checkRepaired: (repaired, _left, after) => expect(repaired).toEqual(after),
  })
}, 600_000)

test('what is left after a kill is nothing', async () => {
  const directory = await project.copy()
  await fti(directory, ...words, '--yes')
  expect(await plan(directory)).toMatchObject({
    ...{ tables: [], datasets: [], requests: [], breaks: [] },
    online: [{ isServed: false }],
  })
}, 60_000)
