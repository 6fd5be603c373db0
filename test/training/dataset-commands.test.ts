import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { DatasetDescription, ListedDataset, MadeDataset } from '../../src/training/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { PumpProject } from './pump-project.ts'

let pumps: PumpProject
let made: MadeDataset

const run = (project: PumpProject, ...words: string[]) => runCommand(words, { cwd: project.directory })

async function data<T>(project: PumpProject, ...words: string[]): Promise<T> {
  const result = await run(project, ...words, '--json')
  expect(result.exit, result.stdout).toBe(0)
  return result.json().data as T
}

beforeAll(async () => {
  pumps = await PumpProject.create().runFeatures()
  made = await data<MadeDataset>(pumps, 'dataset', 'build', '--as-of', '2025-03-02')
}, 60_000)

describe('fti dataset build', () => {
  test('makes the dataset, and says of each column how it was joined', () => {
    expect(made).toMatchObject({
      status: 'built',
      model: 'failing_check',
      labels: { mature: 390, immature: 0, unmatched: 10 },
      ignoreAvailableAt: false,
      versions: [],
    })
    expect(made.parts.map(({ part, rows }) => [part, rows])).toEqual([
      ['train', 253],
      ['validation', 52],
      ['test', 85],
    ])
    for (const { labelMean } of made.parts) expect(labelMean).toBeGreaterThan(0.2)
    expect(made.groups).toMatchObject([
      {
        group: 'pump_readings',
        snapshot: 0,
        on: { pump: 'pump' },
        columns: ['pressure', 'load'],
        maxAgeMs: 86_400_000,
      },
      { group: 'pump_readings', on: { pump: 'backup' }, columns: ['backup_pressure'], matched: 390, tooOld: 0 },
      { group: 'pump_register', columns: ['kind', 'built'], plan: 'window', lateShare: null, maxAgeMs: null },
    ])
    expect(existsSync(join(made.directory, 'manifest.json'))).toBe(true)
  })

  test('finds it again, and so does a training', async () => {
    const project = pumps.copy()
    const again = await data<MadeDataset>(project, 'dataset', 'build', 'failing_check', '--as-of', '2025-03-02')
    expect([again.status, again.id]).toEqual(['found', made.id])
    const trained = await data<{ dataset: { id: string } }>(project, 'train', '--as-of', '2025-03-02')
    expect(trained.dataset.id).toBe(made.id)
  })

  test('makes another one of values that were not known yet, and says so', async () => {
    const project = pumps.copy()
    const leaky = await run(project, 'dataset', 'build', '--as-of', '2025-03-02', '--ignore-available-at')
    expect(leaky.exit, leaky.stderr).toBe(0)
    expect(leaky.stdout).toContain('LEAKS made with --ignore-available-at')
    expect(leaky.stdout).not.toContain(made.id)
  })
})

describe('the dataset of a version', () => {
  test('is made again from its snapshots and its moment, whatever has been committed since', async () => {
    const project = pumps.copy()
    const trained = await data<{ dataset: { id: string } }>(project, 'train', '--as-of', '2025-02-06')
    const folder = join(project.directory, 'store/_training/failing_check', trained.dataset.id)
    rmSync(folder, { recursive: true })
    const gone = await run(project, 'dataset', 'show', 'failing_check@1', '--json')
    expect(gone.json().error?.['remedy']).toBe(
      'make it again from the same snapshots: fti dataset build failing_check@1',
    )
    project.edit('data/readings.csv', /^north,.*$/m, 'north,2025-01-01T00:00:00.000Z,99,1')
    await project.runFeatures()
    const again = await data<MadeDataset>(project, 'dataset', 'build', 'failing_check@1')
    expect([again.id, again.status, again.differsFrom]).toEqual([trained.dataset.id, 'built', null])
    expect(again.versions).toEqual([1])
  })

  test('is another one when something else is declared now, which is said', async () => {
    const project = pumps.copy()
    const trained = await data<{ dataset: { id: string } }>(project, 'train', '--as-of', '2025-02-06')
    project.edit('fti.config.yaml', 'pick: [kind, built]', 'pick: [kind]')
    const { stdout } = await run(project, 'dataset', 'build', 'failing_check@1')
    expect(stdout).toContain(`failing_check@1 was trained on ${trained.dataset.id}: what is declared has changed since`)
  })
})

describe('fti dataset list, show and path', () => {
  test('know a dataset by its model, its version, its tag and the beginning of its id', async () => {
    const project = pumps.copy()
    await data(project, 'train', '--as-of', '2025-02-06')
    const [newest, older] = (await data<{ datasets: ListedDataset[] }>(project, 'dataset', 'list')).datasets
    expect([newest?.versions, older?.versions, older?.id]).toEqual([[1], [], made.id])
    const idOf = async (reference: string) => (await data<DatasetDescription>(project, 'dataset', 'show', reference)).id
    expect(await idOf('failing_check')).toBe(newest?.id)
    expect(await idOf('failing_check@1')).toBe(newest?.id)
    expect(await idOf('failing_check@candidate')).toBe(newest?.id)
    expect(await idOf(made.id.slice(0, 8))).toBe(made.id)
    const unknown = await run(project, 'dataset', 'path', 'failing_check@7', '--json')
    expect([unknown.exit, unknown.json().error?.['code']]).toEqual([2, 'FTI_VERSION_UNKNOWN'])
  })

  test('show prints shape, splits and joins', async () => {
    const { stdout } = await run(pumps, 'dataset', 'show', made.id)
    expect(stdout).toMatch(/^train +253 +2025-01-0/m)
    expect(stdout).toMatch(/^backup_pressure +pump_readings@0 +pump = backup +\S+ +\S+ +390 +0 +1d/m)
    expect(stdout).toMatch(/390 known, 0 not yet known, 10 without a label/)
  })

  test('path prints the folder, or the file of one split, and nothing else', async () => {
    expect((await run(pumps, 'dataset', 'path', made.id)).stdout).toBe(`${made.directory}\n`)
    const { stdout } = await run(pumps, 'dataset', 'path', 'failing_check', '--part', 'test')
    expect(stdout).toBe(`${join(made.directory, 'test.parquet')}\n`)
  })

  test('a model that has none yet is told how to make one', async () => {
    const result = await run(PumpProject.create(), 'explain', 'row', 'failing_check', '--row', '1', '--json')
    expect(result.json().error).toMatchObject({
      code: 'FTI_DATASET_UNKNOWN',
      remedy: 'make one: fti dataset build failing_check',
    })
  })

  test.each([
    ['show failing_chek', 2, 'FTI_DATASET_UNKNOWN', /did you mean 'failing_check'/],
    ['show 0123456789', 2, 'FTI_DATASET_UNKNOWN', /fti dataset build MODEL/],
    ['build no_such_model', 2, 'FTI_MODEL_UNDEFINED', /failing_check/],
    ['build --as-of yesterday', 2, 'FTI_TIME_INVALID', /./],
  ])('dataset %s is refused', async (line, exit, code, remedy) => {
    const result = await run(pumps, 'dataset', ...line.split(' '), '--json')
    expect([result.exit, result.json().error?.['code']]).toEqual([exit, code])
    expect(result.json().error?.['remedy']).toMatch(remedy)
  })

  test('a damaged dataset is named as damaged, and hides no other', async () => {
    const project = pumps.copy()
    await data(project, 'dataset', 'build', '--as-of', '2025-02-06')
    const folder = join(project.directory, 'store/_training/failing_check')
    writeFileSync(join(folder, made.id, 'test.parquet'), 'PAR1')
    expect((await run(project, 'dataset', 'show', made.id, '--json')).json().error?.['code']).toBe(
      'FTI_DATASET_CORRUPT',
    )
    rmSync(join(folder, made.id, 'manifest.json'))
    const { datasets } = await data<{ datasets: ListedDataset[] }>(project, 'dataset', 'list', 'failing_check')
    expect(datasets).toHaveLength(2)
    expect(datasets.find(({ id }) => id === made.id)?.problem).toMatch(/manifest\.json is missing/)
  })
})

test('a version that was trained with --ignore-available-at says so, and cannot be promoted', async () => {
  const project = pumps.copy()
  const trained = await run(project, 'train', '--as-of', '2025-03-02', '--epochs', '1', '--ignore-available-at')
  expect(trained.exit).toBe(1)
  expect(trained.stdout).toMatch(/^FAILED every value was known at its time: trained with --ignore-available-at/m)
  const shown = await run(project, 'registry', 'show', 'failing_check@1')
  expect(shown.stdout).toMatch(/^LEAKS trained with --ignore-available-at/m)
  expect(shown.stdout).toContain('Warning: trained with --ignore-available-at.')
  const promoted = await run(project, 'registry', 'promote', 'failing_check@1', '--json')
  expect([promoted.exit, promoted.json().error?.['code']]).toEqual([1, 'FTI_NOT_PROMOTABLE'])
  expect(promoted.json().error?.['detail']).toContain('--ignore-available-at')
})
