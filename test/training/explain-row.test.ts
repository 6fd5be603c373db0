import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { quoteText } from '../../src/engine/index.ts'
import type { MadeDataset, RowExplanation } from '../../src/training/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { PumpProject } from './pump-project.ts'

let pumps: PumpProject
let made: MadeDataset

const run = (project: PumpProject, ...words: string[]) => runCommand(words, { cwd: project.directory })

async function data<T>(...words: string[]): Promise<T> {
  const result = await run(pumps, ...words, '--json')
  expect(result.exit, result.stdout).toBe(0)
  return result.json().data as T
}

beforeAll(async () => {
  pumps = await PumpProject.create().runFeatures()
  made = await data<MadeDataset>('dataset', 'build', '--as-of', '2025-03-02')
}, 60_000)

describe('a row of a training dataset', () => {
  test('is explained by the very values that it holds', async () => {
    const engine = await pumps.engine()
    const paths = made.parts.map(({ path }) => quoteText(path)).join(', ')
    for (const number of [0, 57, 389]) {
      const [stored] = await engine.rows<Record<string, unknown>>(
        `SELECT * FROM read_parquet([${paths}]) WHERE _row = ${number}`,
      )
      const explained = await data<RowExplanation>('explain', 'row', 'failing_check', '--row', String(number))
      const [readings, backup, register] = explained.groups.map(
        ({ candidates }) => candidates.find(({ verdict }) => verdict === 'chosen')?.values ?? {},
      )
      expect([explained.dataset, explained.at, explained.label]).toEqual([
        made.id,
        stored?.['predict_at'],
        stored?.['_label'],
      ])
      expect({ ...readings, backup_pressure: backup?.['pressure'], ...register }).toMatchObject({
        pressure: stored?.['pressure'],
        load: stored?.['load'],
        backup_pressure: stored?.['backup_pressure'],
        kind: stored?.['kind'],
        built: stored?.['built'],
      })
    }
  })

  test('is shown with event time, available at, commit and snapshot of each candidate', async () => {
    const { stdout } = await run(pumps, 'explain', 'row', made.id, '--row', '57')
    expect(stdout).toMatch(/^pump_readings@0, contract v1, not older than 1d$/m)
    expect(stdout).toMatch(/^pump_readings@0, contract v1, as backup, not older than 1d$/m)
    expect(stdout).toMatch(/^chosen +\d+\.\d+ +\S+ +2025-\S+Z +2025-\S+Z +20\d\d-\S+Z +0$/m)
    expect(stdout).toMatch(/^1 chosen, 11 superseded, 65 too old, 403 not yet known$/m)
  })

  test('that the dataset does not have is refused with the range of its rows', async () => {
    const result = await run(pumps, 'explain', 'row', 'failing_check', '--row', '999', '--json')
    expect([result.exit, result.json().error?.['code']]).toEqual([2, 'FTI_ROW_UNKNOWN'])
    expect(result.json().error?.['message']).toContain('its rows are 0 to 389')
  })
})

describe('an entity at a moment', () => {
  test('is explained from the newest snapshots, for the groups that its key names', async () => {
    const words = ['explain', 'row', 'failing_check', '--key', 'pump=north', '--at', '2025-01-20T12:05Z']
    const { dataset, at, groups } = await data<RowExplanation>(...words)
    expect([dataset, at]).toEqual([null, '2025-01-20T12:05:00.000Z'])
    expect(groups.map(({ group, missingKey }) => [group, missingKey])).toEqual([
      ['pump_readings', []],
      ['pump_readings', ['backup']],
      ['pump_register', []],
    ])
    const [first, second] = groups[0]?.candidates.filter(({ eventTime }) => (eventTime ?? '') < at) ?? []
    // The reading of noon is there ten minutes later.
    expect([first?.eventTime, first?.verdict]).toEqual(['2025-01-20T12:00:00.000Z', 'not yet known'])
    expect([second?.eventTime, second?.verdict]).toEqual(['2025-01-20T10:00:00.000Z', 'chosen'])
    expect((await run(pumps, ...words)).stdout).toContain('not looked up: give --key backup=…')
  })

  test.each([
    ['--key pmp=north --at 2025-01-20', 'FTI_ROW_UNKNOWN', /did you mean 'pump'/],
    ['--key north --at 2025-01-20', 'FTI_KEY_INVALID', /NAME=VALUE/],
    ['--key pump=north', 'FTI_FLAG_INVALID', /at/],
    ['--row 1 --key pump=north --at 2025-01-20', 'FTI_FLAG_INVALID', /./],
    ['--at 2025-01-20', 'FTI_FLAG_INVALID', /./],
  ])('%s is refused', async (line, code, remedy) => {
    const result = await run(pumps, 'explain', 'row', 'failing_check', ...line.split(' '), '--json')
    expect([result.exit, result.json().error?.['code']]).toEqual([2, code])
    expect(`${result.json().error?.['remedy']} ${result.json().error?.['message']}`).toMatch(remedy)
  })
})

test('a data file that cannot be read back is told as that, by every command that looks into it', async () => {
  const project = pumps.copy()
  const folder = join(project.directory, 'store/pump_readings/v1')
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.parquet')))
    writeFileSync(join(folder, name), Buffer.alloc(readFileSync(join(folder, name)).length))
  writeFileSync(join(project.directory, 'store/_profiles/pump_readings/v1/0.json'), '')
  for (const line of [
    'explain row failing_check --key pump=north --at 2025-01-20T12:05Z',
    'feature diff pump_readings@0',
    'feature leakcheck',
    'sql from/**/pump_readings',
  ]) {
    const result = await run(project, ...line.split(' '), '--json')
    expect([line, result.exit, result.json().error?.['code']]).toEqual([line, 5, 'FTI_TABLE_CORRUPT'])
  }
})

test('after an erasure the dataset says what was erased and when, and what can still be explained', async () => {
  const project = pumps.copy()
  const explain = ['explain', 'row', made.id, '--row', '57', '--json']
  expect((await run(project, ...explain)).exit).toBe(0)
  const forgotten = await run(project, 'feature', 'forget', 'pump_readings', '--key', 'pump=north', '--yes', '--json')
  expect(forgotten.exit, forgotten.stdout).toBe(0)
  const result = await run(project, ...explain)
  expect({ exit: result.exit, error: result.json().error }).toMatchObject({
    exit: 1,
    error: {
      code: 'FTI_SNAPSHOT_ERASED',
      message: expect.stringMatching(
        /^dataset \w+ cannot be explained .*: rows of pump_\w+@0 were erased at 2\S+Z.*; the dataset itself lost \d+ rows at 2/,
      ),
      remedy: expect.stringContaining('fti explain row failing_check --key NAME=VALUE --at TIME'),
    },
  })
  const words = ['--key', 'pump=south', '--at', '2025-01-20T12:05Z', '--json']
  expect((await run(project, 'explain', 'row', 'failing_check', ...words)).exit).toBe(0)
})
