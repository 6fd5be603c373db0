import * as tf from '@tensorflow/tfjs-core'
import * as layers from '@tensorflow/tfjs-layers'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadBackend } from '../../src/model/backend.ts'
import { compileNetwork, decodeNetwork, encodeNetwork, type NetworkWeights } from '../../src/model/index.ts'
import { seededRandom } from '../../src/model/random.ts'

function networkOf(widths: readonly number[], output: 'sigmoid' | 'linear', seed = 1): NetworkWeights {
  const random = seededRandom(seed, 'weights')
  const numbers = (length: number) => Float32Array.from({ length }, () => random() * 2 - 1)
  const layers = widths.slice(1).map((units, i) => ({
    units,
    activation: i === widths.length - 2 ? output : ('relu' as const),
    kernel: numbers((widths[i] ?? 0) * units),
    bias: numbers(units),
  }))
  return { inputs: widths[0] ?? 0, layers }
}

test('comes back from its files exactly, and equal networks have equal bytes', () => {
  const shapes = fc.tuple(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), fc.integer())
  fc.assert(
    fc.property(shapes, fc.constantFrom('sigmoid' as const, 'linear' as const), ([widths, seed], output) => {
      const network = networkOf([...widths, 1], output, seed)
      const { modelJson, weightsBin } = encodeNetwork(network)
      expect(decodeNetwork(modelJson, weightsBin)).toEqual(network)
      expect(encodeNetwork(decodeNetwork(modelJson, weightsBin))).toEqual({ modelJson, weightsBin })
    }),
  )
})

test('reads weights from the middle of a larger buffer', () => {
  const network = networkOf([3, 2, 1], 'linear')
  const { modelJson, weightsBin } = encodeNetwork(network)
  const padded = new Uint8Array(weightsBin.length + 7)
  padded.set(weightsBin, 3)
  expect(decodeNetwork(modelJson, padded.subarray(3, 3 + weightsBin.length))).toEqual(network)
})

test('tfjs loads the files and predicts the same', async () => {
  await loadBackend(['cpu'])
  for (const output of ['sigmoid', 'linear'] as const) {
    const network = networkOf([11, 7, 5, 1], output)
    const { modelJson, weightsBin } = encodeNetwork(network)
    const { modelTopology, weightsManifest } = JSON.parse(modelJson)
    const handler = tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest[0].weights,
      weightData: weightsBin.slice().buffer,
    })
    const model = await layers.loadLayersModel(handler)
    const random = seededRandom(2, 'x')
    const x = Float32Array.from({ length: 20 * 11 }, () => (random() < 0.5 ? 0 : random() * 4 - 2))
    const theirs = (model.predict(tf.tensor2d(x, [20, 11])) as tf.Tensor).dataSync()
    const ours = compileNetwork(network).predictBatch(x, 20)
    ours.forEach((value, i) => {
      expect(value).toBeCloseTo(theirs[i] as number, 5)
    })
    model.dispose()
  }
})

test('refuses every file that is not what encodeNetwork writes', () => {
  const { modelJson, weightsBin } = encodeNetwork(networkOf([3, 4, 1], 'sigmoid'))
  const edits: [RegExp | string, string][] = [
    ['"layers-model"', '"graph-model"'],
    ['"Sequential"', '"Functional"'],
    ['"Dense"', '"Lambda"'],
    ['"relu"', '"selu"'],
    ['"relu"', '"constructor"'],
    ['"relu"', '"__proto__"'],
    ['"relu"', '["relu"]'],
    ['"units": 4', '"units": 5'],
    ['"units": 4', '"units": 4.5'],
    ['"units": 4', '"units": -4'],
    ['"units": 4', '"units": 1e12'],
    ['"units": 4', '"units": "4"'],
    ['"use_bias": true', '"use_bias": false'],
    ['"use_bias": true', '"use_bias": true, "kernel_constraint": {"class_name": "Lambda"}'],
    ['"use_bias": true', '"use_bias": true, "__proto__": {"polluted": 1}'],
    ['"format"', '"__proto__": {"polluted": 1}, "format"'],
    ['"weights.bin"', '"../../../etc/passwd"'],
    ['"weights.bin"', '"weights.bin", "weights.bin"'],
    ['"dense_1/kernel"', '"dense_2/kernel"'],
    ['"float32"', '"int32"'],
    [/"dtype": "float32"\s*}\s*]/, '"dtype": "float32", "quantization": {"scale": 1, "dtype": "uint8"}}]'],
    [/\[\s*null,\s*3\s*\]/, '[1, 3]'],
    [/\[\s*null,\s*3\s*\]/, '[null, 3, 3]'],
    [/^/, 'x'],
    ['"relu"', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['"format"', `${' '.repeat(1_000_000)}"format"`],
    [/^.*$/s, 'null'],
    [/^.*$/s, '[]'],
    [/^.*$/s, '{}'],
  ]
  for (const [from, to] of edits) {
    const edited = modelJson.replace(from, to)
    expect(edited).not.toBe(modelJson)
    expect(() => decodeNetwork(edited, weightsBin), `${from} -> ${to}`).toThrow(
      expect.objectContaining({ code: 'FTI_NETWORK_CORRUPT' }),
    )
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('refuses weights that are short, long, or not finite', () => {
  const { modelJson, weightsBin } = encodeNetwork(networkOf([3, 4, 1], 'sigmoid'))
  const corrupt = expect.objectContaining({ code: 'FTI_NETWORK_CORRUPT' })
  expect(() => decodeNetwork(modelJson, weightsBin.subarray(1))).toThrow(corrupt)
  expect(() => decodeNetwork(modelJson, new Uint8Array([...weightsBin, 0]))).toThrow(corrupt)
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const bytes = weightsBin.slice()
    new DataView(bytes.buffer).setFloat32(bytes.length - 4, value, true)
    expect(() => decodeNetwork(modelJson, bytes)).toThrow(corrupt)
  }
})

test('a member given twice counts once: the last, as in JSON, and never code', () => {
  const { modelJson, weightsBin } = encodeNetwork(networkOf([3, 1], 'linear'))
  const twice = modelJson.replace('"use_bias"', '"activation": "sigmoid", "use_bias"')
  expect(decodeNetwork(twice, weightsBin).layers[0]?.activation).toBe('sigmoid')
})
