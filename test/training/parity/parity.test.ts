import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Engine, quoteText } from '../../../src/engine/index.ts'
import { loadScorer } from '../../../src/scoring/index.ts'
import { type GroupView, openGroup, readDataset } from '../../../src/store/index.ts'
import { verifyParity } from '../../../src/training/index.ts'
import { checkParity, type ParityInput } from '../../../src/training/parity/parity.ts'
import { compileEncoder, parseTransforms } from '../../../src/transform/index.ts'
import { runCommand } from '../../cli/run-command.ts'
import { PumpProject } from '../pump-project.ts'

let pumps: PumpProject
let engine: Engine

beforeAll(async () => {
  pumps = await PumpProject.create().runFeatures()
  await pumps.train()
  engine = await pumps.engine()
}, 60_000)

/** The check as training makes it, with one part of it exchanged. */
async function parityWith(change: (input: ParityInput) => Partial<ParityInput>) {
  const { store, registry } = await pumps.load()
  const { dataset } = JSON.parse(versionFile('lineage.json')) as { dataset: { id: string } }
  const { paths, time } = await readDataset(store, 'failing_check', dataset.id)
  const groups = new Map<string, GroupView>()
  for (const name of ['pump_readings', 'pump_register']) groups.set(name, await openGroup(store, name))
  const input: ParityInput = {
    engine,
    examples: `SELECT * FROM read_parquet([${Object.values(paths).map(quoteText).join(', ')}])`,
    time,
    groups,
    scorer: await loadScorer({ registry, model: 'failing_check', version: 1 }),
    encoder: compileEncoder(parseTransforms(versionFile('transforms.json'))),
    folder: join(pumps.directory, '.fti/tmp'),
  }
  return checkParity({ ...input, ...change(input) })
}

function versionFile(name: string): string {
  return readFileSync(join(pumps.directory, 'registry/failing_check/versions/1', name), 'utf8')
}

describe('the check', () => {
  test('passes for what training itself has made, each value twice: as it is and as the network sees it', async () => {
    const parity = await parityWith(() => ({}))
    expect(parity).toMatchObject({ passed: true, times: 16, rows: 16, differences: [] })
    expect(parity.values).toBeGreaterThan(16 * 7 * 2)
  })

  test('fails when the online store holds another value, and says which', async () => {
    const parity = await parityWith(({ groups }) => {
      const view = groups.get('pump_register') as GroupView
      const tampered = { ...view, raw: `SELECT * REPLACE (built + 1 AS built) FROM (${view.raw})` }
      return { groups: new Map([...groups, ['pump_register', tampered]]) }
    })
    expect(parity.passed).toBe(false)
    expect(parity.differences[0]).toMatchObject({ column: 'built', trained: expect.any(Number) })
    expect(parity.differences[0]?.served).toBe((parity.differences[0]?.trained as number) + 1)
  })

  test('fails when an entity is missing from the online store', async () => {
    const parity = await parityWith(({ groups }) => {
      const view = groups.get('pump_register') as GroupView
      const without = { ...view, raw: `SELECT * FROM (${view.raw}) WHERE pump <> 'north'` }
      return { groups: new Map([...groups, ['pump_register', without]]) }
    })
    expect(parity.differences).toContainEqual(expect.objectContaining({ column: 'kind', served: null }))
  })

  test('fails when training saw a value that the on-demand code does not give', async () => {
    const parity = await parityWith(({ examples }) => ({
      examples: `SELECT * REPLACE (hour + 0.000001 AS hour) FROM (${examples})`,
    }))
    expect(new Set(parity.differences.map(({ column }) => column))).toEqual(new Set(['hour']))
  })

  test('fails when training saw a value before it was known', async () => {
    const parity = await parityWith(({ examples }) => ({
      examples: `SELECT * REPLACE (predict_at - INTERVAL 2 HOUR AS predict_at) FROM (${examples})`,
    }))
    expect(parity.passed).toBe(false)
  })

  test('fails when there was nothing to compare', async () => {
    const parity = await parityWith(({ examples }) => ({ examples: `SELECT * FROM (${examples}) WHERE false` }))
    expect(parity).toMatchObject({ passed: false, rows: 0 })
  })

  test('leaves no temporary online store behind', () => {
    expect(readdirSync(join(pumps.directory, '.fti/tmp'))).toEqual([])
  })
})

describe('fti parity', () => {
  test('passes for a registered version, at the snapshots of its lineage, after newer ones have come', async () => {
    const project = pumps.copy()
    project.write('data/register.csv', 'pump,kind,built\nnorth,rotary,2024\nsouth,rotary,2024\n')
    await project.runFeatures('pump_register')
    const result = await runCommand(['parity', 'failing_check@1', '--json'], { cwd: project.directory })
    expect(result.exit, result.stderr).toBe(0)
    expect(result.json().data).toMatchObject({ model: 'failing_check', version: 1, parity: { passed: true, rows: 16 } })
  })

  test('ends with 1 and a table for a version that was trained on values that serving does not have', async () => {
    const project = pumps.copy()
    await project.train({ epochs: 1, shiftAvailabilityMs: 6 * 3_600_000 })
    const result = await runCommand(['parity', 'failing_check@2'], { cwd: project.directory })
    expect(result.exit).toBe(1)
    expect(result.stdout).toMatch(/^row +column +trained +served$/m)
    expect(result.stdout).toMatch(/FAILED failing_check@2: 16 rows at 16 times/)
  })

  test('refuses data that somebody has rewritten since', async () => {
    const project = pumps.copy()
    const { store } = await project.load()
    const [file] = (await openGroup(store, 'pump_register')).snapshot.files
    writeFileSync(join(store, 'pump_register/v1', file?.path ?? ''), 'PAR1 of another kind PAR1')
    const result = await runCommand(['parity', 'failing_check', '--json'], { cwd: project.directory })
    expect([result.exit, result.json().error?.['code']]).toEqual([5, 'FTI_TABLE_CORRUPT'])
  })

  test('says when the training dataset is gone', async () => {
    const project = pumps.copy()
    rmSync(join(project.directory, 'store/_training'), { recursive: true })
    await expect(verifyParity(await project.load(), 'failing_check@1')).rejects.toMatchObject({
      code: 'FTI_DATASET_UNKNOWN',
    })
  })

  test('refuses a version of which one byte was changed', async () => {
    const project = pumps.copy()
    const path = join(project.directory, 'registry/failing_check/versions/1/weights.bin')
    const bytes = readFileSync(path)
    bytes[3] = (bytes[3] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const result = await runCommand(['parity', 'failing_check@1', '--json'], { cwd: project.directory })
    expect(result.exit).toBe(5)
    expect(result.json().error).toMatchObject({ code: 'FTI_VERSION_CORRUPT' })
  })
})
