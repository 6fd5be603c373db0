import type { Network } from '../contract/index.ts'
import { hiddenLayers } from './parameters.ts'
import { randomWords } from './random.ts'

/** Fresh masks for so many rows, one a hidden layer; valid until the next call. */
export type DropoutMasks = (rows: number) => readonly Float32Array[]

/**
 * Inverted dropout (Srivastava et al., 2014): 0 for a dropped unit, for the others what keeps the expected sum.
 * The rate is met to 1 in 65,536, for two units share one random word. Undefined where nothing is dropped.
 */
export function dropoutMasks(network: Network, batchSize: number, seed: number): DropoutMasks | undefined {
  const layers = hiddenLayers(network)
  if (network.dropout === 0 || layers.length === 0) return undefined
  const fill = randomWords(seed, 'dropout')
  const threshold = Math.round(network.dropout * 2 ** 16)
  const kept = 1 / (1 - network.dropout)
  const masks = layers.map((units) => new Float32Array(batchSize * units))
  const words = new Uint32Array(Math.ceil((batchSize * Math.max(...layers)) / 2))
  return (rows) =>
    masks.map((whole, layer) => {
      const mask = whole.subarray(0, rows * (layers[layer] ?? 0))
      const drawn = words.subarray(0, Math.ceil(mask.length / 2))
      fill(drawn)
      for (let i = 0; i < mask.length; i++) {
        const half = ((drawn[i >> 1] as number) >>> ((i & 1) << 4)) & 0xffff
        mask[i] = half < threshold ? 0 : kept
      }
      return mask
    })
}
