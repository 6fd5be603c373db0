import { expect, test } from 'vitest'
import type { Column } from '../../src/engine/index.ts'
import { seededRandom } from '../../src/model/index.ts'
import { findLeakage, singleFeatureScores } from '../../src/training/evaluation/leakage.ts'

const random = seededRandom(1, 'leakage')
const labels = Float64Array.from({ length: 400 }, () => (random() < 0.3 ? 1 : 0))

function numbers(values: ArrayLike<number | null>): Column {
  const list = Array.from(values)
  return {
    kind: 'number',
    values: Float64Array.from(list, (value) => value ?? Number.NaN),
    nulls: Uint8Array.from(list, (value) => (value === null ? 1 : 0)),
  }
}

const scoreOf = (column: Column, task: 'binary' | 'regression' = 'binary', of = labels) =>
  singleFeatureScores({ column }, of, task).get('column')

test('a column that follows the label scores 1, in either direction', () => {
  expect(scoreOf(numbers(labels.map((label) => label * 10 + 5)))).toBe(1)
  expect(scoreOf(numbers(labels.map((label) => -label)))).toBe(1)
})

test('a column that has nothing to do with the label scores about one half', () => {
  expect(scoreOf(numbers(labels.map(() => random())))).toBeLessThan(0.6)
})

test('a column that is null exactly where the label is 1 is found out', () => {
  expect(scoreOf(numbers(Array.from(labels, (label) => (label === 1 ? null : random()))))).toBe(1)
})

test('a category that names the label is found out, an id that names the row is not accused', () => {
  const text = (values: string[]): Column => ({ kind: 'text', values })
  expect(scoreOf(text(Array.from(labels, (label) => (label === 1 ? 'late' : 'on time'))))).toBe(1)
  expect(scoreOf(text(Array.from(labels, (_, row) => `id ${row}`)))).toBe(0.5)
})

test('in a regression a column is judged by its squared correlation', () => {
  const values = labels.map(() => random())
  expect(scoreOf(numbers(values.map((value) => 5 - 2 * value)), 'regression', values)).toBeCloseTo(1)
  expect(scoreOf(numbers(values.map(() => 3)), 'regression', values)).toBe(0)
})

test('only scores that are too good are suspects, the worst first', () => {
  const scores = new Map([
    ['good', 0.96],
    ['echo', 0.98],
    ['answer', 1],
  ])
  expect(findLeakage(scores)).toEqual([
    { column: 'answer', score: 1 },
    { column: 'echo', score: 0.98 },
  ])
})

test('very many rows are looked at evenly', () => {
  const many = Float64Array.from({ length: 250_000 }, (_, row) => (row % 7 === 0 ? 1 : 0))
  expect(scoreOf(numbers(many), 'binary', many)).toBe(1)
})
