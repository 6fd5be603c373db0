import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileNetwork, type DenseLayer, type NetworkWeights } from '../../src/model/index.ts'

const weight = fc.float({ min: -2, max: 2, noNaN: true })
const networks = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), fc.boolean())
  .chain(([widths, binary]) => {
    const all = [...widths, 1]
    const layers = all.slice(1).map((units, i) =>
      fc.record({
        units: fc.constant(units),
        activation: fc.constant(i < all.length - 2 ? 'relu' : binary ? 'sigmoid' : 'linear'),
        kernel: floats((all[i] ?? 0) * units),
        bias: floats(units),
      }),
    )
    return fc.record({ inputs: fc.constant(all[0] ?? 0), layers: fc.tuple(...layers) as fc.Arbitrary<DenseLayer[]> })
  })

function floats(length: number): fc.Arbitrary<Float32Array> {
  return fc.array(weight, { minLength: length, maxLength: length }).map((list) => Float32Array.from(list))
}

/** The textbook's loops. */
function plain({ layers }: NetworkWeights, input: readonly number[]): number {
  let values = [...input]
  for (const { units, activation, kernel, bias } of layers) {
    values = Array.from({ length: units }, (_, j) => {
      const sum = values.reduce((total, value, i) => total + value * (kernel[i * units + j] ?? 0), bias[j] ?? 0)
      return activation === 'relu' ? Math.max(sum, 0) : activation === 'sigmoid' ? 1 / (1 + Math.exp(-sum)) : sum
    })
  }
  return values[0] ?? 0
}

test('equals the plain loops, at any offset, and a batch equals its rows bit for bit', () => {
  const cases = networks.chain((network) => fc.tuple(fc.constant(network), floats(network.inputs * 3)))
  fc.assert(
    fc.property(cases, ([network, dense]) => {
      const x = dense.map((value, i) => (i % 3 === 1 ? 0 : value))
      const compiled = compileNetwork(network)
      const batch = compiled.predictBatch(x, 3)
      for (let row = 0; row < 3; row++) {
        const offset = row * network.inputs
        const expected = plain(network, [...x.subarray(offset, offset + network.inputs)])
        expect(compiled.predict(x, offset)).toBe(batch[row])
        expect(Math.abs((batch[row] ?? 0) - expected)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(expected)))
      }
    }),
  )
})

test('a NaN in the vector is a NaN in the prediction, never a number', () => {
  const layer: DenseLayer = { units: 2, activation: 'relu', kernel: new Float32Array(4), bias: new Float32Array(2) }
  const last: DenseLayer = { units: 1, activation: 'sigmoid', kernel: new Float32Array(2), bias: new Float32Array(1) }
  const { predict } = compileNetwork({ inputs: 2, layers: [layer, last] })
  expect(predict(Float32Array.of(0, Number.NaN), 0)).toBeNaN()
})
