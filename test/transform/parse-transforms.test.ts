import { expect, test } from 'vitest'
import { fitTransforms, parseTransforms } from '../../src/transform/index.ts'
import { batchOf } from './columns.ts'

const fitted = fitTransforms(
  [
    { name: 'n', type: 'float64', transforms: ['clip', 'log', 'standardize'] },
    { name: 's', type: 'string' },
    { name: 'v', type: 'string', transforms: ['vocabulary'] },
    { name: 't', type: 'timestamp' },
  ],
  batchOf({ n: [1, 2, null], s: ['a', 'b', null], v: ['x', 'y', 'x'], t: [1, 2, 3] }),
)

test('reads what fitting writes', () => {
  expect(parseTransforms(JSON.stringify(fitted))).toEqual(fitted)
})

test('refuses everything else', () => {
  const [number, oneHot] = fitted.columns as unknown as [Record<string, unknown>, Record<string, unknown>]
  const withColumn = (column: unknown) => JSON.stringify({ format: 1, columns: [column] })
  const wrong = [
    '',
    '[]',
    'null',
    JSON.stringify({ ...fitted, format: 2 }),
    JSON.stringify({ ...fitted, more: 1 }),
    JSON.stringify({ format: 1, columns: [number, number] }),
    withColumn({ ...number, kind: 'lambda' }),
    withColumn({ ...number, type: 'object' }),
    withColumn({ ...number, type: 'string' }),
    withColumn({ ...number, impute: '1' }),
    withColumn(number).replace('"impute":1.5', '"impute":1e999'),
    withColumn({ ...number, steps: [{ kind: 'standardize', mean: 0, deviation: 0 }] }),
    withColumn({ ...number, steps: [{ kind: 'clip', min: 2, max: 1 }] }),
    withColumn({ ...number, steps: [{ kind: 'exec' }] }),
    withColumn({ ...oneHot, categories: ['a', 'a'] }),
    withColumn({ ...oneHot, categories: ['a', 1] }),
    withColumn({ ...oneHot, other: 1 }),
    '{"format":1,"columns":[],"__proto__":{"x":1}}',
  ]
  for (const text of wrong) {
    expect(() => parseTransforms(text)).toThrow(expect.objectContaining({ code: 'FTI_TRANSFORMS_CORRUPT' }))
  }
})
