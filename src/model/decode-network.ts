import { FtiError } from '../base/index.ts'
import { layerName, weightsFile } from './encode-network.ts'
import { modelErrors } from './errors.ts'
import { type Activation, activations, type DenseLayer, type NetworkWeights } from './network-weights.ts'

const maxLayers = 64
const maxWidth = 1_000_000
const maxJsonLength = 1_000_000

/**
 * Reads what `encodeNetwork` writes and refuses everything else: other layers, unknown activations or members,
 * sizes that disagree, weights that are not finite, bytes left over. Needs no tfjs and runs no code of the file.
 */
export function decodeNetwork(modelJson: string, weightsBin: Uint8Array): NetworkWeights {
  const root = record(parse(modelJson), 'model.json', [
    'format',
    'generatedBy',
    'convertedBy',
    'modelTopology',
    'weightsManifest',
  ])
  if (root['format'] !== 'layers-model') refuse(`format is ${quote(root['format'])}, not "layers-model"`)
  const topology = readTopology(root['modelTopology'])
  checkManifest(root['weightsManifest'], topology)
  return { inputs: topology.inputs, layers: readWeights(weightsBin, topology) }
}

interface Topology {
  readonly inputs: number
  readonly layers: readonly { units: number; activation: Activation }[]
}

function readTopology(value: unknown): Topology {
  const topology = record(value, 'modelTopology', ['class_name', 'config', 'keras_version', 'backend'])
  if (topology['class_name'] !== 'Sequential')
    refuse(`the model is a ${quote(topology['class_name'])}, not a Sequential`)
  const config = record(topology['config'], 'modelTopology.config', ['name', 'layers'])
  const entries = list(config['layers'], 'layers')
  if (entries.length === 0 || entries.length > maxLayers)
    refuse(`it has ${entries.length} layers, not 1 to ${maxLayers}`)
  let inputs = 0
  const layers = entries.map((entry, i) => {
    const layer = record(entry, `layer ${i}`, ['class_name', 'config'])
    if (layer['class_name'] !== 'Dense') refuse(`layer ${i} is a ${quote(layer['class_name'])}; only Dense is accepted`)
    const known = ['name', 'dtype', 'units', 'activation', 'use_bias', ...(i === 0 ? ['batch_input_shape'] : [])]
    const dense = record(layer['config'], `layer ${i}`, known)
    if (i === 0) inputs = readInputs(dense['batch_input_shape'])
    return readDense(dense, i)
  })
  if (layers.at(-1)?.units !== 1) refuse('the last layer must have one unit')
  return { inputs, layers }
}

function readInputs(shape: unknown): number {
  const [batch, width, ...rest] = list(shape, 'batch_input_shape')
  if (batch !== null || rest.length > 0) refuse('batch_input_shape is not [null, width]')
  return size(width, 'the width of the input')
}

function readDense(dense: Record<string, unknown>, index: number): { units: number; activation: Activation } {
  if (dense['name'] !== layerName(index)) refuse(`layer ${index} is named ${quote(dense['name'])}`)
  if (dense['dtype'] !== 'float32') refuse(`layer ${index} has dtype ${quote(dense['dtype'])}, not "float32"`)
  if (dense['use_bias'] !== true) refuse(`layer ${index} has no bias`)
  const activation = activations.find((known) => known === dense['activation'])
  if (activation === undefined) {
    return refuse(
      `layer ${index} has the activation ${quote(dense['activation'])}, not one of ${activations.join(', ')}`,
    )
  }
  return { units: size(dense['units'], `units of layer ${index}`), activation }
}

/** The manifest must say exactly what the topology implies; only then is a byte of the weights read. */
function checkManifest(value: unknown, { inputs, layers }: Topology): void {
  const groups = list(value, 'weightsManifest')
  const group = record(groups[0], 'weightsManifest[0]', ['paths', 'weights'])
  const paths = list(group['paths'], 'paths')
  // Paths are compared, never opened: the registry hands in the bytes that its manifest vouches for.
  if (groups.length !== 1 || paths.length !== 1 || paths[0] !== weightsFile) refuse(`paths are not ["${weightsFile}"]`)
  const weights = list(group['weights'], 'weights')
  if (weights.length !== 2 * layers.length) refuse(`it lists ${weights.length} weights for ${layers.length} layers`)
  layers.forEach(({ units }, i) => {
    checkWeight(weights[2 * i], `${layerName(i)}/kernel`, [layers[i - 1]?.units ?? inputs, units])
    checkWeight(weights[2 * i + 1], `${layerName(i)}/bias`, [units])
  })
}

function checkWeight(value: unknown, name: string, shape: readonly number[]): void {
  const weight = record(value, name, ['name', 'shape', 'dtype'])
  const same = weight['name'] === name && weight['dtype'] === 'float32'
  const given = list(weight['shape'], `shape of ${name}`)
  if (!same || given.length !== shape.length || shape.some((length, i) => length !== given[i])) {
    refuse(`the manifest does not list ${name} as float32 ${JSON.stringify(shape)}`)
  }
}

function readWeights(bytes: Uint8Array, { inputs, layers }: Topology): DenseLayer[] {
  const total = layers.reduce((sum, { units }, i) => sum + ((layers[i - 1]?.units ?? inputs) + 1) * units, 0)
  if (bytes.byteLength !== 4 * total) refuse(`weights.bin has ${bytes.byteLength} bytes, not ${4 * total}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let offset = 0
  const take = (length: number, what: string) => {
    const array = new Float32Array(length)
    for (let i = 0; i < length; i++, offset += 4) array[i] = view.getFloat32(offset, true)
    if (!array.every(Number.isFinite)) refuse(`${what} has a value that is not finite`)
    return array
  }
  return layers.map(({ units, activation }, i) => {
    const kernel = take((layers[i - 1]?.units ?? inputs) * units, `${layerName(i)}/kernel`)
    return { units, activation, kernel, bias: take(units, `${layerName(i)}/bias`) }
  })
}

function parse(text: string): unknown {
  if (text.length > maxJsonLength) refuse(`model.json has ${text.length} characters, more than ${maxJsonLength}`)
  try {
    return JSON.parse(text)
  } catch (error) {
    return refuse(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** A plain object with these members and no other: `__proto__` in JSON is a member like any, and is not known. */
function record(value: unknown, where: string, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(`${where} is not an object`)
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined) refuse(`${where} has the member ${quote(unknown)}, which fti does not write`)
  return value as Record<string, unknown>
}

function list(value: unknown, where: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(`${where} is not a list`)
}

function size(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= maxWidth) return value
  return refuse(`${what} is ${quote(value)}, not a whole number from 1 to ${maxWidth}`)
}

/** What the file says, cut short and never nested: it may be long, and it may be hostile. */
function quote(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return String(JSON.stringify(value)).slice(0, 80)
}

function refuse(why: string): never {
  throw new FtiError(modelErrors.FTI_NETWORK_CORRUPT, {
    message: `the network's files were refused: ${why}`,
    remedy: 'run `fti registry verify`; then promote or roll back to a version that is whole',
  })
}
