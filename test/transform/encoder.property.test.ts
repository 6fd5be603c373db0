import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { TransformKind } from '../../src/contract/index.ts'
import type { ColumnBatch } from '../../src/engine/index.ts'
import {
  compileEncoder,
  type FittedTransforms,
  fitTransforms,
  type TransformColumn,
} from '../../src/transform/index.ts'

const numberKinds: TransformKind[][] = [['standardize'], ['log', 'standardize'], ['clip'], ['none'], ['oneHot']]
const textKinds: TransformKind[][] = [['oneHot'], ['vocabulary']]
const number = fc.oneof(
  fc.constantFrom(0, -0, Number.NaN, 1, Number.MIN_VALUE),
  fc.double({ min: -1e100, max: 1e100 }),
  fc.integer(),
)
const text = fc.oneof(fc.constantFrom('', '🛫', '\ud800', '__proto__', 'null'), fc.string({ unit: 'binary' }))

/** Rows of a number and a text, with transforms for each. */
const cases = fc.record({
  rows: fc.array(fc.record({ n: fc.option(number), t: fc.option(text) }), { minLength: 1, maxLength: 60 }),
  unseen: fc.array(fc.record({ n: fc.option(fc.double()), t: fc.option(text) }), { maxLength: 10 }),
  numbers: fc.constantFrom(...numberKinds),
  texts: fc.constantFrom(...textKinds),
})
type Rows = readonly { n: number | null; t: string | null }[]

function batch(rows: Rows): ColumnBatch {
  const values = Float64Array.from(rows, ({ n }) => n ?? Number.NaN)
  const nulls = Uint8Array.from(rows, ({ n }) => (n === null ? 1 : 0))
  return {
    rows: rows.length,
    columns: { n: { kind: 'number', values, nulls }, t: { kind: 'text', values: rows.map(({ t }) => t) } },
  }
}

function columns(numbers: TransformKind[], texts: TransformKind[]): TransformColumn[] {
  return [
    { name: 'n', type: 'float64', transforms: numbers },
    { name: 't', type: 'string', transforms: texts },
  ]
}

function bytes(array: Float32Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength)
}

test('fitted transforms come back exactly from JSON', () => {
  fc.assert(
    fc.property(cases, ({ rows, numbers, texts }) => {
      const fitted = fitTransforms(columns(numbers, texts), batch(rows))
      expect(JSON.parse(JSON.stringify(fitted)) as FittedTransforms).toStrictEqual(fitted)
    }),
  )
})

test('a batch is its rows one by one, bit for bit, and always finite, seen or unseen', () => {
  fc.assert(
    fc.property(cases, ({ rows, unseen, numbers, texts }) => {
      const encoder = compileEncoder(fitTransforms(columns(numbers, texts), batch(rows)))
      const all = [...rows, ...unseen]
      const together = encoder.encodeBatch(batch(all))
      const single = new Float32Array(all.length * encoder.width).fill(9)
      all.forEach(({ n, t }, i) => {
        encoder.encodeRow([n, t], single, i * encoder.width)
      })
      expect(bytes(single).equals(bytes(together))).toBe(true)
      expect(together.every(Number.isFinite)).toBe(true)
    }),
  )
})

test('standardized train columns have mean 0 and deviation 1, or are constant', () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 })
  fc.assert(
    fc.property(values, (list) => {
      const data = batch(list.map((n) => ({ n, t: null })))
      const out = compileEncoder(fitTransforms([{ name: 'n', type: 'int32' }], data)).encodeBatch(data)
      const mean = out.reduce((sum, value) => sum + value, 0) / out.length
      const deviation = Math.sqrt(out.reduce((sum, value) => sum + (value - mean) ** 2, 0) / out.length)
      expect(mean).toBeCloseTo(0, 4)
      expect(deviation).toBeCloseTo(new Set(list).size === 1 ? 0 : 1, 4)
    }),
  )
})
