import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEngine } from '../../src/engine/index.ts'
import { loadScorer } from '../../src/scoring/index.ts'
import { readDataset } from '../../src/store/index.ts'
import { valuesOfRow } from '../../src/training/dataset/row-values.ts'
import { bootstrapDifference } from '../../src/training/evaluation/bootstrap.ts'
import { metricsOf } from '../../src/training/evaluation/metrics.ts'
import { auc as aucOf, rankRows, type ScoredRows } from '../../src/training/evaluation/ranking.ts'
import type { TrainResult } from '../../src/training/index.ts'
import { type FlightsProject, flightsProject, say } from './flights-project.ts'

const model = 'late_departure'
const python = process.env['FTI_BENCH_PYTHON'] ?? resolve(import.meta.dirname, '../../bench/.venv/bin/python')
const peer = resolve(import.meta.dirname, '../../bench/flights-sklearn.py')

let project: FlightsProject
let trained: TrainResult

beforeAll(async () => {
  project = await flightsProject()
  await project.fti('feature', 'run')
  trained = await project.fti<TrainResult>('train')
})
afterAll(() => project.remove())

test('the network reaches an AUC of 0.745 on the last sixty days, above its three baselines', () => {
  const { test: evaluation, baselines, training, promotable } = trained.report
  say(`on ${evaluation.rows} test rows, AUC with its 95 % interval`)
  for (const { name, metrics } of [{ name: `${model}@1`, metrics: evaluation.metrics }, ...baselines])
    say(`  ${name.padEnd(32)}${shown(metrics['auc'])}`)
  const seconds = training.epochs.map((epoch) => epoch.seconds).sort((a, b) => a - b)
  say(`  ${seconds.length} epochs on ${training.backend}, best ${training.bestEpoch}, ${median(seconds)} s each`)
  const auc = evaluation.metrics['auc']?.value
  expect(auc).toBeGreaterThanOrEqual(0.745)
  expect(baselines.map(({ name }) => name)).toEqual([
    'base rate',
    expect.stringMatching(/^best single feature \(/),
    'logistic regression',
  ])
  for (const { metrics } of baselines) expect(auc).toBeGreaterThan(metrics['auc']?.value ?? Number.NaN)
  expect(promotable).toBe(true)
})

test.runIf(hasScikitLearn())('the network is as good as that of scikit-learn on the same rows', async () => {
  const { directory } = await readDataset(storeOf(project), model, trained.dataset.id)
  const words = [peer, directory, '--epochs', '6', '--threads', '1', '--json']
  const { logistic, mlp, width } = JSON.parse(execFileSync(python, words, { encoding: 'utf8' })) as SklearnReport
  say(`scikit-learn on the same rows, ${width} columns (fti: ${trained.report.training.width})`)
  say(`  logistic regression             ${logistic.auc.toFixed(4)}`)
  say(`  mlp                             ${mlp.auc.toFixed(4)}, ${mlp.epochSeconds.toFixed(2)} s an epoch`)
  expect(trained.report.test.metrics['auc']?.value).toBeGreaterThan(mlp.auc - 0.01)
})

test('knowing everything two hours later makes it worse: no feature is known too late to be of use', async () => {
  // Its exit code is 1: serving would not compute what this training saw, so parity refuses it.
  const { code, data: shifted } = await project.attempt<TrainResult>('train', '--shift-availability', '2h')
  if (shifted === undefined) throw new Error(`nothing was trained, exit code ${code}`)
  const [auc] = metricsOf('binary')
  if (auc === undefined) throw new Error('there is no metric')
  const now = await scoresOf(trained)
  const later = await scoresOf(shifted)
  expect(later.flights).toEqual(now.flights)
  expect(aucOf(now.rows)).toBeCloseTo(trained.report.test.metrics['auc']?.value ?? Number.NaN, 5)
  const { difference, low, high } = bootstrapDifference(later.rows, now.rows, auc, { resamples: 1000, seed: 7 })
  const failed = shifted.report.gates.filter(({ passed }) => !passed)
  say(`AUC with everything known 2 h later: ${shown(shifted.report.test.metrics['auc'])}`)
  say(`  paired difference on the same ${now.flights.length} rows ${shown({ value: difference, low, high })}`)
  expect(high).toBeLessThan(0)
  expect(code).toBe(1)
  expect(failed.map(({ gate }) => gate)).toEqual(['serving computes what training saw'])
})

test('a label picked as a feature is never known in time', async () => {
  await pickAlso('peek', { group: 'departure_outcomes', as: 'outcome', pick: ['late'] })
  const peeking = await project.fti<TrainResult>('train', '--env', 'peek', '--epochs', '1')
  const { paths } = await readDataset(storeOf(project), model, peeking.dataset.id)
  const engine = await openEngine({ tempDirectory: project.directory, allowedDirectories: [project.directory] })
  const files = Object.values(paths).map((path) => `'${path}'`)
  const [seen] = await engine.rows<object>(
    `SELECT count(*) AS rows, count(outcome_late) AS known FROM read_parquet([${files.join(', ')}])`,
  )
  await engine.close()
  say(`label picked as a feature: ${JSON.stringify(seen)}, AUC ${shown(peeking.report.test.metrics['auc'])}`)
  expect(seen).toEqual({ rows: Object.values(peeking.dataset.rows).reduce((sum, rows) => sum + rows), known: 0 })
})

test('a group that publishes the label before it is known trips the leakage gate, and cannot be promoted', async () => {
  const sql =
    'SELECT flight_id, scheduled_at - INTERVAL 1 HOUR AS known_at, late AS left_late FROM departure_outcomes\n'
  await writeFile(join(project.directory, 'features/known_outcomes.sql'), sql)
  await pickAlso(
    'leak',
    { group: 'known_outcomes', pick: ['left_late'] },
    {
      known_outcomes: {
        entity: 'flight',
        transform: 'features/known_outcomes.sql',
        eventTime: 'known_at',
        availableAt: 'known_at',
        features: { left_late: { type: 'boolean', nullable: false } },
      },
    },
  )
  await project.fti('feature', 'run', 'known_outcomes', '--env', 'leak')
  const { code, data } = await project.attempt<TrainResult>('train', '--env', 'leak', '--epochs', '1')
  const failed = data?.report.gates.filter(({ passed }) => !passed)
  say(`leaking the label: AUC ${shown(data?.report.test.metrics['auc'])}, exit ${code}, ${JSON.stringify(failed)}`)
  expect(code).toBe(1)
  expect(data?.report.leakage).toMatchObject([{ column: 'left_late' }])
  expect(data?.report.promotable).toBe(false)
  expect(failed).toHaveLength(1)
  const refused = await project.attempt('registry', 'promote', model, '--env', 'leak')
  expect(refused).toMatchObject({ code: 1, error: { code: 'FTI_NOT_PROMOTABLE' } })
})

interface SklearnReport {
  readonly width: number
  readonly logistic: { readonly auc: number }
  readonly mlp: { readonly auc: number; readonly epochSeconds: number }
}

interface Estimate {
  readonly value: number | null
  readonly low: number | null
  readonly high: number | null
}

const storeOf = ({ directory }: FlightsProject) => join(directory, 'store')
const shown = (estimate: Estimate | undefined) =>
  estimate && `${estimate.value?.toFixed(4)} (${estimate.low?.toFixed(4)} to ${estimate.high?.toFixed(4)})`
const median = (sorted: readonly number[]) => sorted[sorted.length >> 1]?.toFixed(2)

/** The test rows of a version as it serves them, in order of flight: two versions can be compared row by row. */
async function scoresOf({ version, dataset }: TrainResult): Promise<{ flights: readonly unknown[]; rows: ScoredRows }> {
  const { registry, store } = await project.open()
  const { paths } = await readDataset(store, model, dataset.id)
  const scorer = await loadScorer({ registry, model, version })
  const engine = await openEngine({ tempDirectory: project.directory, allowedDirectories: [store] })
  const batch = await engine.columns(`SELECT * FROM read_parquet('${paths.test}') ORDER BY flight_id`)
  await engine.close()
  const { flight_id: flights, _label: labels } = batch.columns
  if (flights?.kind !== 'text' || labels?.kind !== 'number') throw new Error('the dataset lacks flights or labels')
  const scores = Float64Array.from({ length: batch.rows }, (_, row) =>
    scorer.predictValues(valuesOfRow(scorer.signature, batch, row)),
  )
  scorer.close()
  return { flights: flights.values, rows: rankRows(scores, labels.values) }
}

interface Selection {
  readonly group: string
  readonly as?: string
  readonly pick: readonly string[]
}

/** Lays one more selection over the model, with a registry of its own. */
async function pickAlso(name: string, selection: Selection, featureGroups: object = {}): Promise<void> {
  const declared = (await project.open()).models.get(model)
  const features = declared?.features.map(({ group, pick }) => ({ group, pick })) ?? []
  const models = { [model]: { features: [...features, selection] } }
  await project.overlay(name, { registry: `registry-${name}`, featureGroups, models })
}

function hasScikitLearn(): boolean {
  try {
    if (existsSync(python)) {
      execFileSync(python, ['-c', 'import sklearn, pandas, pyarrow, threadpoolctl'], { stdio: 'ignore' })
      return true
    }
  } catch {
    // Python is there without scikit-learn: the same as none.
  }
  say(`quality: not beside scikit-learn, there is no Python that has it at ${python}`)
  return false
}
