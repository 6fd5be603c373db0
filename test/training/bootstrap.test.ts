import { expect, test } from 'vitest'
import { seededRandom } from '../../src/model/index.ts'
import { bootstrapDifference, bootstrapMetrics } from '../../src/training/evaluation/bootstrap.ts'
import { metricsOf } from '../../src/training/evaluation/metrics.ts'
import { rankRows } from '../../src/training/evaluation/ranking.ts'

const options = { resamples: 200, seed: 7 }
const accuracy = metricsOf('binary').find(({ name }) => name === 'accuracy')
if (!accuracy) throw new Error('there is no accuracy')

/** Rows of which each is decided rightly with a chance of 0.7. */
function drawn(seed: number, rows = 200) {
  const random = seededRandom(seed, 'rows')
  const labels = Float64Array.from({ length: rows }, () => (random() < 0.4 ? 1 : 0))
  return rankRows(
    labels.map((label) => (random() < 0.7 ? label : 1 - label)),
    labels,
  )
}

test('the interval of 95 % covers the true value in about 95 of 100 samples', () => {
  const covered = Array.from({ length: 200 }, (_, seed) => {
    const { low = 1, high = 0 } = bootstrapMetrics([drawn(seed)], [accuracy], options)[0]?.['accuracy'] ?? {}
    return low <= 0.7 && 0.7 <= high
  }).filter(Boolean).length
  expect(covered / 200).toBeGreaterThan(0.88)
  expect(covered / 200).toBeLessThanOrEqual(0.99)
})

test('one seed gives one interval, and several sets of scores do not disturb one another', () => {
  const [a, b] = [drawn(1), drawn(2)]
  const together = bootstrapMetrics([a, b], metricsOf('binary'), options)
  expect(bootstrapMetrics([a], metricsOf('binary'), options)[0]).toEqual(together[0])
  expect(bootstrapMetrics([b], metricsOf('binary'), options)[0]).toEqual(together[1])
})

test('the difference of a set of scores to itself is exactly zero, however uncertain the metric is', () => {
  const rows = drawn(3)
  expect(bootstrapDifference(rows, rows, accuracy, options)).toEqual({ difference: 0, low: 0, high: 0 })
})

test('pairing sees a small difference on the same rows that two separate intervals would hide', () => {
  const random = seededRandom(5, 'pairs')
  const labels = Float64Array.from({ length: 1000 }, () => (random() < 0.5 ? 1 : 0))
  const good = labels.map((label) => (random() < 0.7 ? label : 1 - label))
  // The same decisions, but for one right row in thirty.
  const worse = good.map((score, row) => (row % 30 === 0 && score === labels[row] ? 1 - score : score))
  const [a, b] = [rankRows(good, labels), rankRows(worse, labels)]
  const [ofA, ofB] = bootstrapMetrics([a, b], [accuracy], options)
  expect(ofA?.['accuracy']?.low).toBeLessThan(ofB?.['accuracy']?.high as number)
  expect(bootstrapDifference(a, b, accuracy, options).low).toBeGreaterThan(0)
})

test('resamples without a positive row are left out of an interval instead of making it NaN', () => {
  const rows = rankRows(Float64Array.of(0.1, 0.2, 0.3, 0.9), Float64Array.of(0, 0, 0, 1))
  const [{ auc } = {}] = bootstrapMetrics([rows], metricsOf('binary'), options)
  expect(auc).toEqual({ low: 1, high: 1 })
})

test('scores of different rows are refused', () => {
  expect(() => bootstrapMetrics([drawn(1, 10), drawn(1, 11)], [accuracy], options)).toThrow('not of the same rows')
})
