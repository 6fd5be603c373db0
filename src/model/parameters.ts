import type { Network } from '../contract/index.ts'
import type { DenseLayer } from './network-weights.ts'
import { seededRandom } from './random.ts'

/** The parameters of a network under training: one flat array, and a view of it for each layer. */
export interface Parameters {
  readonly flat: Float32Array
  readonly layers: readonly LayerParameters[]
}

interface LayerParameters {
  readonly inputs: number
  readonly units: number
  readonly kernel: Float32Array
  readonly bias: Float32Array
}

/** Kernels from Glorot's uniform distribution (Glorot and Bengio, 2010), biases zero but for the output's. */
export function initializeParameters(network: Network, width: number, seed: number, outputBias: number): Parameters {
  const widths = [width, ...hiddenLayers(network), 1]
  const parameters = viewParameters(new Float32Array(countParameters(widths)), widths)
  const random = seededRandom(seed, 'initialize')
  for (const { inputs, units, kernel } of parameters.layers) {
    const limit = Math.sqrt(6 / (inputs + units))
    for (let i = 0; i < kernel.length; i++) kernel[i] = (2 * random() - 1) * limit
  }
  parameters.layers.at(-1)?.bias.fill(outputBias)
  return parameters
}

export function hiddenLayers(network: Network): readonly number[] {
  return network.type === 'linear' ? [] : network.layers
}

/** Kernels and biases over another flat array of the same shape, such as the gradients. */
export function viewLike(parameters: Parameters, flat: Float32Array): Parameters {
  return viewParameters(flat, [...parameters.layers.map((layer) => layer.inputs), 1])
}

/** The parameters as a network's weights, copied, with the output mapped back to the label's own scale. */
export function toLayers(
  parameters: Parameters,
  output: 'sigmoid' | 'linear',
  scale: number,
  shift: number,
): DenseLayer[] {
  return parameters.layers.map(({ units, kernel, bias }, i) => {
    const isOutput = i === parameters.layers.length - 1
    if (!isOutput) return { units, activation: 'relu' as const, kernel: kernel.slice(), bias: bias.slice() }
    return { units, activation: output, kernel: kernel.map((w) => w * scale), bias: bias.map((w) => w * scale + shift) }
  })
}

export function countParameters(widths: readonly number[]): number {
  let count = 0
  for (let i = 1; i < widths.length; i++) count += ((widths[i - 1] ?? 0) + 1) * (widths[i] ?? 0)
  return count
}

function viewParameters(flat: Float32Array, widths: readonly number[]): Parameters {
  const layers: LayerParameters[] = []
  let offset = 0
  const take = (length: number) => {
    offset += length
    return flat.subarray(offset - length, offset)
  }
  for (let i = 1; i < widths.length; i++) {
    const [inputs, units] = [widths[i - 1] ?? 0, widths[i] ?? 0]
    layers.push({ inputs, units, kernel: take(inputs * units), bias: take(units) })
  }
  return { flat, layers }
}
