import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { FtiError, type Reporter, silentReporter } from '../../src/base/index.ts'
import type { Fit, Lineage } from '../../src/contract/index.ts'
import { quoteText } from '../../src/engine/index.ts'
import { listVersions } from '../../src/registry/index.ts'
import { lastRun } from '../../src/runs/index.ts'
import { type TrainResult, train } from '../../src/training/index.ts'
import { PumpProject } from './pump-project.ts'

let pumps: PumpProject
let trained: TrainResult

beforeAll(async () => {
  pumps = await PumpProject.create().runFeatures()
  trained = await pumps.train()
}, 60_000)

const versionFile = (name: string) =>
  readFileSync(join(pumps.directory, 'registry/failing_check/versions/1', name), 'utf8')

describe('a trained version', () => {
  test('has every file that serving and people need', () => {
    expect(readdirSync(join(pumps.directory, 'registry/failing_check/versions/1')).sort()).toEqual([
      ...['card.md', 'golden.json', 'lineage.json', 'manifest.json', 'metrics.json', 'model.json', 'on-demand.mjs'],
      ...['reference-profile.json', 'signature.json', 'transforms.json', 'weights.bin'],
    ])
  })

  test('says where it comes from: data, snapshots, code, environment, seed', () => {
    const lineage = JSON.parse(versionFile('lineage.json')) as Lineage
    expect(lineage).toMatchObject({
      dataset: { id: trained.dataset.id, rows: trained.dataset.rows, labels: { mature: 390 } },
      snapshots: expect.arrayContaining([{ group: 'pump_readings', contractVersion: 1, snapshot: 0 }]),
      environment: { backend: 'cpu', node: process.version, tensorflow: '4.22.0' },
      seed: 7,
      ignoreAvailableAt: false,
    })
  })

  test('has seen rows up to the end of validation, for early stopping has seen those', () => {
    const { dataset } = JSON.parse(versionFile('lineage.json')) as Lineage
    const manifest = JSON.parse(
      readFileSync(join(pumps.directory, 'store/_training/failing_check', dataset.id, 'manifest.json'), 'utf8'),
    ) as { boundaries: { validationEnds: string } }
    expect(dataset.trainedUntil).toBe(manifest.boundaries.validationEnds)
  })

  test('was judged beside its baselines, never alone', () => {
    const names = trained.report.baselines.map(({ name }) => name)
    expect(names).toEqual(['base rate', 'best single feature (pressure)', 'logistic regression'])
    expect(trained.report.baselines[0]?.metrics['auc']?.value).toBe(0.5)
    expect(trained.report.test.metrics['auc']?.value).toBeGreaterThan(0.6)
    expect(trained.report.importance[0]?.column).toBe('pressure')
  })

  test('computes in serving what training saw, at 16 times', () => {
    expect(trained.parity).toMatchObject({ passed: true, times: 16, differences: [] })
    expect(trained.report.promotable).toBe(true)
  })

  test('has transforms that were fitted on the training rows alone', async () => {
    const { columns } = JSON.parse(versionFile('transforms.json')) as {
      columns: { name: string; impute: number; steps: { mean: number }[] }[]
    }
    const engine = await pumps.engine()
    const folder = join(pumps.directory, 'store/_training/failing_check', trained.dataset.id)
    const mean = async (files: string) => {
      const [row] = await engine.rows<{ mean: number }>(
        `SELECT avg(pressure) AS mean FROM read_parquet(${quoteText(join(folder, files))})`,
      )
      return row?.mean ?? Number.NaN
    }
    const fitted = columns.find(({ name }) => name === 'pressure')
    expect(fitted?.impute).toBeCloseTo(await mean('train.parquet'), 9)
    expect(fitted?.steps[0]?.mean).toBeCloseTo(await mean('train.parquet'), 9)
    expect(fitted?.impute).not.toBeCloseTo(await mean('*.parquet'), 3)
  })

  test('describes itself in a card', () => {
    expect(versionFile('card.md')).toContain('| base rate | 0.5000 (0.5000 to 0.5000) |')
  })
})

describe('one seed', () => {
  test.each(['cpu', 'wasm'] as const)('gives one set of weights on %s, training after training', async (backend) => {
    const first = backend === 'cpu' ? trained : await pumps.copy().train({ backend })
    const second = await pumps.copy().train({ backend })
    expect(second.report.training.backend).toBe(backend)
    expect(second.report.training.weightsDigest).toBe(first.report.training.weightsDigest)
    expect(second.report.test).toEqual(first.report.test)
  })

  test('is asked for: another one gives other weights', async () => {
    const other = await pumps.copy().train({ seed: 8, epochs: 1 })
    expect(other.report.training.weightsDigest).not.toBe(trained.report.training.weightsDigest)
    expect(other.report.training.epochs).toHaveLength(1)
  })
})

/** No version, nothing half-made in store or registry, no lock, no temporary file. */
async function expectNothingLeft(project: PumpProject, status: 'failed' | 'cancelled'): Promise<void> {
  const { registry, state } = await project.load()
  const folder = join(registry, 'failing_check')
  expect(existsSync(folder) ? await listVersions(registry, 'failing_check') : []).toEqual([])
  const names = readdirSync(project.directory, { recursive: true, encoding: 'utf8' })
  expect(names.filter((name) => /staging|parity-|\.lock$/.test(name))).toEqual([])
  expect((await lastRun(state, 'train-failing_check'))?.status).toBe(status)
}

describe('a cancelled training leaves nothing behind', () => {
  test.each(['dataset for failing_check', 'fit failing_check', 'evaluate'])(
    'when Ctrl-C comes in the step: %s',
    async (step) => {
      const project = pumps.copy()
      rmSync(join(project.directory, 'registry'), { recursive: true })
      const controller = new AbortController()
      const reporter: Reporter = {
        ...silentReporter,
        task: (title, work) => {
          // A moment later, so that the step is at work.
          if (title === step) setTimeout(() => controller.abort(), 30)
          return work({ update: () => {} })
        },
      }
      const { signal } = controller
      await expect(project.train({ reporter, signal })).rejects.toMatchObject({ code: 'FTI_INTERRUPTED', exit: 130 })
      await expectNothingLeft(project, 'cancelled')
    },
  )
})

test('a loss that becomes NaN stops the training, and nothing is registered', async () => {
  const project = pumps.copy()
  const options = await project.trainOptions()
  const model = options.project.models.get('failing_check')
  const fit: Fit = { ...(model?.fit as Fit), learningRate: 1e38, epochs: 20 }
  const models = new Map([['failing_check', { ...model, fit }]]) as typeof options.project.models
  await expect(train({ ...options, project: { ...options.project, models } })).rejects.toMatchObject({
    code: 'FTI_LOSS_NAN',
    exit: 1,
  })
  const versions = await listVersions(options.project.registry, 'failing_check')
  expect(versions.map(({ version }) => version)).toEqual([1])
  expect(await lastRun(options.project.state, 'train-failing_check')).toMatchObject({
    status: 'failed',
    error: { code: 'FTI_LOSS_NAN' },
  })
})

describe('a version that cannot be trusted is registered, but not promotable', () => {
  const failedGates = ({ report }: TrainResult) => report.gates.filter(({ passed }) => !passed)

  test('when a column echoes the label', async () => {
    const project = pumps.copy()
    project.edit(
      'training/failing_check.sql',
      'backup, weight, planned_at,',
      'backup, failed::double AS weight, planned_at,',
    )
    project.edit(
      'training/failing_check.sql',
      'from checks',
      'from checks join check_outcomes using (check_id, planned_at)',
    )
    const result = await project.train()
    expect(result.report.promotable).toBe(false)
    expect(result.report.leakage).toEqual([{ column: 'weight', score: 1 }])
    expect(failedGates(result)).toMatchObject([
      { gate: 'no single feature scores 0.97 or more alone', found: 'weight 1.000 knows the label' },
    ])
  })

  test('when it was shown values before they were known', async () => {
    // Of a seventh of the checks the newest reading is seven minutes old then: serving does not have it yet.
    const project = pumps.copy().edit('training/failing_check.sql', 'interval 1 hour', 'interval 10 minute')
    const result = await project.train({ ignoreAvailableAt: true })
    expect(failedGates(result)).toMatchObject([
      { gate: 'every value was known at its time' },
      { gate: 'serving computes what training saw' },
    ])
    expect(failedGates(result)[1]?.found).toMatch(/^row \d+, (backup_)?(pressure|load): trained .*, served /)
  })
})

test('a model that is not declared is named, with the nearest that is', async () => {
  await expect(pumps.train({ model: 'failing_chek' })).rejects.toMatchObject({
    code: 'FTI_MODEL_UNDEFINED',
    remedy: "did you mean 'failing_check'?",
  })
})

test('a training that meets another one at work is told by whom', async () => {
  const options = await pumps.copy().trainOptions()
  const first = train(options)
  const second = train({ ...options, command: 'fti train again' })
  const outcomes = await Promise.allSettled([first, second])
  const refused = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(refused.reason).toBeInstanceOf(FtiError)
  expect(refused.reason).toMatchObject({ code: 'FTI_LOCKED', exit: 4, data: { pid: process.pid } })
})
