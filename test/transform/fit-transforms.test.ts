import { expect, test } from 'vitest'
import { FtiError } from '../../src/base/index.ts'
import type { TransformKind, ValueType } from '../../src/contract/index.ts'
import { compileEncoder, fitTransforms } from '../../src/transform/index.ts'
import { batchOf, textColumn } from './columns.ts'

function encodeOne(type: ValueType, transforms: TransformKind[] | undefined, list: (number | string | null)[]) {
  const data = batchOf({ a: list })
  const fitted = fitTransforms([{ name: 'a', type, transforms }], data)
  const encoder = compileEncoder(fitted)
  const row = (value: number | string | boolean | null) => {
    const out = new Float32Array(encoder.width)
    encoder.encodeRow([value], out, 0)
    return [...out]
  }
  return { fitted, encoder, row }
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof FtiError) return error.code
    throw error
  }
  return 'none'
}

test('numbers are standardized and their missing values become the mean', () => {
  const { encoder, row } = encodeOne('float64', undefined, [1, 3])
  expect(encoder.names).toEqual(['a'])
  expect(row(1)).toEqual([-1])
  expect(row(null)).toEqual([0])
  expect(row(Number.NaN)).toEqual([0])
  expect(row(Number.POSITIVE_INFINITY)).toEqual([0])
})

test('a second number says that a value was missing, only where train had missing ones', () => {
  const { encoder, row } = encodeOne('float64', undefined, [1, 3, null])
  expect(encoder.names).toEqual(['a', 'a_missing'])
  expect(row(3)).toEqual([1, 0])
  expect(row(null)).toEqual([0, 1])
})

test('a constant column becomes 0 for its constant', () => {
  const { row } = encodeOne('float64', undefined, [0.1, 0.1, 0.1])
  expect(row(0.1)).toEqual([0])
  expect(row(null)).toEqual([0])
})

test('a column that is missing throughout becomes 0 with its indicator set', () => {
  const { row } = encodeOne('float64', undefined, [null, null])
  expect(row(null)).toEqual([0, 1])
  expect(row(5)).toEqual([5, 0])
})

test('log takes negative numbers and zero', () => {
  const { row } = encodeOne('float64', ['log'], [1, 2])
  expect(row(Math.E - 1)).toEqual([1])
  expect(row(1 - Math.E)).toEqual([-1])
  expect(row(0)).toEqual([0])
})

test('clip holds values between the 0.5 % and 99.5 % quantiles of train', () => {
  const list = Array.from({ length: 1001 }, (_, i) => i)
  const { row } = encodeOne('int32', ['clip'], list)
  expect(row(-50)).toEqual([5])
  expect(row(500)).toEqual([500])
  expect(row(99_999)).toEqual([995])
})

test('steps are learned on what the steps before them leave', () => {
  const { fitted } = encodeOne('float64', ['log', 'standardize'], [0, Math.E ** 2 - 1])
  expect(fitted.columns[0]).toMatchObject({ steps: [{ kind: 'log' }, { kind: 'standardize', mean: 1, deviation: 1 }] })
})

test('booleans are 0 and 1, and 0.5 when missing', () => {
  const { row } = encodeOne('boolean', undefined, [0, 1, 1])
  expect([row(true), row(false), row(null)]).toEqual([[1], [0], [0.5]])
})

test('a category has a slot; one that train never saw gives zeros', () => {
  const { encoder, row } = encodeOne('string', undefined, ['b', 'a', 'a', '', '🛫'])
  expect(encoder.names).toEqual(['a=a', 'a=', 'a=b', 'a=🛫'])
  expect(row('')).toEqual([0, 1, 0, 0])
  expect(row('🛫')).toEqual([0, 0, 0, 1])
  expect(row('never seen')).toEqual([0, 0, 0, 0])
  expect(row('__proto__')).toEqual([0, 0, 0, 0])
  expect(row(null)).toEqual([0, 0, 0, 0])
})

test('beyond 50 categories the rare ones share a slot, and null has its own when train had nulls', () => {
  const list = Array.from({ length: 60 }, (_, i) => [`c${i}`, ...(i < 50 ? [`c${i}`] : [])]).flat()
  const { encoder, row } = encodeOne('string', undefined, [...list, null])
  expect(encoder.width).toBe(52)
  expect(row('c55').indexOf(1)).toBe(50)
  expect(row('never seen').indexOf(1)).toBe(50)
  expect(row(null).indexOf(1)).toBe(51)
})

test('a vocabulary numbers its categories after null and unseen', () => {
  const { row } = encodeOne('string', ['vocabulary'], ['x', 'x', 'y'])
  expect([row(null), row('z'), row('x'), row('y')]).toEqual([[0], [1], [2], [3]])
})

test('a number may be one-hot encoded, and -0 is 0', () => {
  const { encoder, row } = encodeOne('int32', ['oneHot'], [0, 0, 7])
  expect(encoder.names).toEqual(['a=0', 'a=7'])
  expect(row(-0)).toEqual([1, 0])
})

test('the fit does not depend on the order of the rows', () => {
  const forward = encodeOne('string', undefined, ['b', 'a', 'c'])
  const backward = encodeOne('string', undefined, ['c', 'a', 'b'])
  expect(forward.fitted).toEqual(backward.fitted)
})

test('timestamps take a value and give nothing', () => {
  const { encoder, row } = encodeOne('timestamp', undefined, [1, 2])
  expect(encoder.width).toBe(0)
  expect(row('2013-01-01T00:00:00Z')).toEqual([])
})

test('an int64 beyond 2^53 may come as digits', () => {
  const { row } = encodeOne('int64', ['none'], [1, 2])
  expect(row('9007199254740993')).toEqual([9007199254740992])
  expect(codeOf(() => row('12x'))).toBe('FTI_TRANSFORM_VALUE')
})

test('transforms that do not suit the type are refused', () => {
  const cases: [ValueType, TransformKind[]][] = [
    ['string', ['standardize']],
    ['string', ['none']],
    ['string', []],
    ['string', ['oneHot', 'log']],
    ['float64', ['oneHot', 'standardize']],
    ['float64', ['none', 'log']],
    ['timestamp', ['standardize']],
  ]
  for (const [type, kinds] of cases) {
    const list = type === 'string' ? ['x'] : [1]
    expect(codeOf(() => encodeOne(type, kinds, list))).toBe('FTI_TRANSFORM_UNFIT')
  }
})

test('a column that is absent, or of another type, is refused by name', () => {
  expect(codeOf(() => fitTransforms([{ name: 'b', type: 'float64' }], batchOf({ a: [1] })))).toBe(
    'FTI_TRANSFORM_COLUMN',
  )
  expect(codeOf(() => fitTransforms([{ name: 'toString', type: 'float64' }], batchOf({ a: [1] })))).toBe(
    'FTI_TRANSFORM_COLUMN',
  )
  const text = { rows: 1, columns: { a: textColumn(['x']) } }
  expect(codeOf(() => fitTransforms([{ name: 'a', type: 'float64' }], text))).toBe('FTI_TRANSFORM_COLUMN')
})

test('values beyond what a deviation can hold are refused with the cure', () => {
  expect(codeOf(() => encodeOne('float64', ['standardize'], [1e300, -1e300]))).toBe('FTI_TRANSFORM_RANGE')
  expect(codeOf(() => encodeOne('float64', ['log', 'standardize'], [1e300, -1e300]))).toBe('none')
})

test('a value of another type is refused without being shown', () => {
  const { row } = encodeOne('float64', undefined, [1, 2])
  expect(codeOf(() => row('secret'))).toBe('FTI_TRANSFORM_VALUE')
  expect(codeOf(() => row(true))).toBe('FTI_TRANSFORM_VALUE')
  expect(() => row('secret')).not.toThrow(/secret/)
  expect(codeOf(() => encodeOne('string', undefined, ['x']).row(3))).toBe('FTI_TRANSFORM_VALUE')
})
