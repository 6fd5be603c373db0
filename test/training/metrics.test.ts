import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { metricsOf as declaredMetrics, tasks } from '../../src/contract/index.ts'
import { calibrationOf } from '../../src/training/evaluation/calibration.ts'
import { metricsOf } from '../../src/training/evaluation/metrics.ts'
import { aucOfValues, rankRows } from '../../src/training/evaluation/ranking.ts'

function measure(task: 'binary' | 'regression', scores: readonly number[], labels: readonly number[]) {
  const rows = rankRows(Float64Array.from(scores), Float64Array.from(labels))
  return Object.fromEntries(metricsOf(task).map(({ name, over }) => [name, over(rows)()]))
}

/** Equal to ten digits, or both undefined. */
function expectSame(found: number | undefined, expected: number): void {
  if (Number.isNaN(expected)) expect(found).toBeNaN()
  else expect(found).toBeCloseTo(expected, 10)
}

test.each(tasks)('the metrics of a %s task are those that a gate may name', (task) => {
  expect(metricsOf(task).map(({ name }) => name)).toEqual(declaredMetrics[task])
})

test('binary metrics are those computed by hand', () => {
  const metrics = measure('binary', [0.9, 0.8, 0.6, 0.4, 0.2], [1, 0, 1, 1, 0])
  const logLoss = -(Math.log(0.9) + Math.log(0.2) + Math.log(0.6) + Math.log(0.4) + Math.log(0.8)) / 5
  expect(metrics['auc']).toBeCloseTo(4 / 6)
  expect(metrics['averagePrecision']).toBeCloseTo((1 + 2 / 3 + 3 / 4) / 3)
  expect(metrics['logLoss']).toBeCloseTo(logLoss)
  expect(metrics['brier']).toBeCloseTo((0.01 + 0.64 + 0.16 + 0.36 + 0.04) / 5)
  expect(metrics['accuracy']).toBeCloseTo(3 / 5)
  expect(metrics['precision']).toBeCloseTo(2 / 3)
  expect(metrics['recall']).toBeCloseTo(2 / 3)
  expect(metrics['f1']).toBeCloseTo(2 / 3)
  // Every row is in a bin of its own: the mean distance between score and label.
  expect(metrics['calibrationError']).toBeCloseTo((0.1 + 0.8 + 0.4 + 0.6 + 0.2) / 5)
})

test('regression metrics are those computed by hand', () => {
  const { rmse, mae, r2 } = measure('regression', [1, 2, 6], [2, 2, 5])
  expect(rmse).toBeCloseTo(Math.sqrt(2 / 3))
  expect(mae).toBeCloseTo(2 / 3)
  expect(r2).toBeCloseTo(1 - 2 / 6)
})

describe('what cannot be said is NaN, not zero', () => {
  test('the area and the precision of labels of one class', () => {
    expect(measure('binary', [0.1, 0.9], [0, 0])).toMatchObject({ auc: Number.NaN, averagePrecision: Number.NaN })
    expect(measure('binary', [0.1, 0.9], [1, 1])).toMatchObject({ auc: Number.NaN, averagePrecision: 1 })
  })

  test('the precision of a network that raises no alarm', () => {
    expect(measure('binary', [0.1, 0.4], [0, 1])).toMatchObject({ precision: Number.NaN, recall: 0, f1: 0 })
  })

  test('the explained variance of equal labels', () => {
    expect(measure('regression', [1, 2], [3, 3])['r2']).toBeNaN()
  })
})

test('one row that was sure and wrong does not make the log loss infinite', () => {
  expect(measure('binary', [0, 1], [1, 0])['logLoss']).toBeCloseTo(-Math.log(1e-7))
})

test('a bin of the calibration holds what was predicted and what came; the last one holds a score of 1', () => {
  const bins = calibrationOf(rankRows(Float64Array.of(0.11, 0.19, 1, 0.95), Float64Array.of(0, 1, 1, 0)))
  expect(bins[1]).toEqual({ rows: 2, predicted: 0.15, observed: 0.5 })
  expect(bins[9]).toEqual({ rows: 2, predicted: 0.975, observed: 0.5 })
  expect(bins[4]).toEqual({ rows: 0, predicted: 0, observed: 0 })
})

/** Few distinct scores, so that ties are common. */
const scoredRows = fc.array(
  fc.record({ score: fc.integer({ min: 0, max: 8 }).map((n) => n / 8), label: fc.constantFrom(0, 1) }),
  { minLength: 1, maxLength: 40 },
)

test('the area under the curve is the share of pairs in the right order, ties counting half', () => {
  fc.assert(
    fc.property(scoredRows, (rows) => {
      const [positives, negatives] = [rows.filter(({ label }) => label === 1), rows.filter(({ label }) => label === 0)]
      const wins = positives.flatMap((p) =>
        negatives.map((n) => (p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0)),
      )
      const expected = wins.length === 0 ? Number.NaN : wins.reduce<number>((a, b) => a + b, 0) / wins.length
      const [scores, labels] = [rows.map(({ score }) => score), rows.map(({ label }) => label)]
      expectSame(measure('binary', scores, labels)['auc'], expected)
      expectSame(aucOfValues(Float64Array.from(scores), Float64Array.from(labels)), expected)
    }),
  )
})

test('average precision is the sum over thresholds of the gain in recall times the precision there', () => {
  fc.assert(
    fc.property(scoredRows, (rows) => {
      const positives = rows.filter(({ label }) => label === 1).length
      let [before, expected] = [0, 0]
      for (const threshold of [...new Set(rows.map(({ score }) => score))].sort((a, b) => b - a)) {
        const alarms = rows.filter(({ score }) => score >= threshold)
        const hits = alarms.filter(({ label }) => label === 1).length
        expected += ((hits - before) / positives) * (hits / alarms.length)
        before = hits
      }
      const [scores, labels] = [rows.map(({ score }) => score), rows.map(({ label }) => label)]
      expectSame(measure('binary', scores, labels)['averagePrecision'], positives ? expected : Number.NaN)
    }),
  )
})

test.each(tasks)('a row that counts n times is n equal rows, for every metric of a %s task', (task) => {
  const row = fc.record({
    score: fc.integer({ min: 0, max: 8 }).map((n) => n / 8),
    label: task === 'binary' ? fc.constantFrom(0, 1) : fc.integer({ min: -3, max: 3 }),
    count: fc.integer({ min: 0, max: 3 }),
  })
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
      const repeated = rows.flatMap((entry) => Array.from({ length: entry.count }, () => entry))
      fc.pre(repeated.length > 0)
      const of = (list: typeof rows) =>
        rankRows(
          Float64Array.from(list, ({ score }) => score),
          Float64Array.from(list, ({ label }) => label),
        )
      const once = of(rows)
      const counts = Uint16Array.from(once.order, (index) => rows[index]?.count ?? 0)
      for (const { over } of metricsOf(task)) expectSame(over(once)(counts), over(of(repeated))())
    }),
  )
})
