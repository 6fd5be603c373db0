import type { NetworkWeights } from './network-weights.ts'

export interface NetworkFiles {
  /** Text of `model.json` in the layers format of tfjs. */
  readonly modelJson: string
  /** Bytes of `weights.bin`: kernels and biases in order, float32, little endian. */
  readonly weightsBin: Uint8Array
}

export const weightsFile = 'weights.bin'

/** The network as tfjs-layers files, which `tf.loadLayersModel` and Keras's converter read. Equal weights give equal bytes. */
export function encodeNetwork(weights: NetworkWeights): NetworkFiles {
  const document = {
    format: 'layers-model',
    generatedBy: 'fti',
    convertedBy: null,
    modelTopology: {
      class_name: 'Sequential',
      config: { name: 'network', layers: weights.layers.map((_, i) => layerTopology(weights, i)) },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [{ paths: [weightsFile], weights: weights.layers.flatMap((_, i) => layerManifest(weights, i)) }],
  }
  return { modelJson: `${JSON.stringify(document, null, 1)}\n`, weightsBin: weightBytes(weights) }
}

export function layerName(index: number): string {
  return `dense_${index + 1}`
}

function inputsOf(weights: NetworkWeights, index: number): number {
  return weights.layers[index - 1]?.units ?? weights.inputs
}

function layerTopology(weights: NetworkWeights, index: number): object {
  const layer = weights.layers[index]
  return {
    class_name: 'Dense',
    config: {
      name: layerName(index),
      ...(index === 0 ? { batch_input_shape: [null, weights.inputs] } : {}),
      dtype: 'float32',
      units: layer?.units,
      activation: layer?.activation,
      use_bias: true,
    },
  }
}

function layerManifest(weights: NetworkWeights, index: number): object[] {
  const units = weights.layers[index]?.units
  return [
    { name: `${layerName(index)}/kernel`, shape: [inputsOf(weights, index), units], dtype: 'float32' },
    { name: `${layerName(index)}/bias`, shape: [units], dtype: 'float32' },
  ]
}

function weightBytes({ layers }: NetworkWeights): Uint8Array {
  const arrays = layers.flatMap(({ kernel, bias }) => [kernel, bias])
  const bytes = new Uint8Array(arrays.reduce((sum, array) => sum + array.byteLength, 0))
  const view = new DataView(bytes.buffer)
  let offset = 0
  for (const array of arrays) {
    for (const value of array) {
      view.setFloat32(offset, value, true)
      offset += 4
    }
  }
  return bytes
}
