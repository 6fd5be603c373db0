// A registered model of 32 inputs, 32-64-32-1, ten of them from the online store, and 10,000 entities with features.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileNetwork, encodeNetwork } from '../../dist/model/index.js'
import { syncOnline } from '../../dist/online/index.js'
import { moveTag, openDraft } from '../../dist/registry/index.js'
import { compileEncoder, fitTransforms } from '../../dist/transform/index.js'

const looked = Array.from({ length: 10 }, (_, i) => `f${i}`)
const sent = Array.from({ length: 22 }, (_, i) => `r${i}`)
const entities = 10_000

/** Makes registry and online store below `directory`, or the online store where it is told. Gives their places, a file with the weights, and one request body. */
export async function makeSite(directory, online = { kind: 'lmdb', path: join(directory, 'online') }) {
  const signature = signatureOf()
  const random = generator(7)
  const columns = signature.columns.map(({ name }) => [name, numbers(random, 100)])
  const fitted = fitTransforms(signature.columns, { rows: 100, columns: Object.fromEntries(columns) })
  const encoder = compileEncoder(fitted)
  const weights = network(random, encoder.width)
  const golden = [signature.columns.map(() => 0.5)].map((values) => {
    const vector = new Float32Array(encoder.width)
    encoder.encodeRow(values, vector, 0)
    return { values, output: compileNetwork(weights).predict(vector, 0) }
  })
  const { modelJson, weightsBin } = encodeNetwork(weights)
  const registry = join(directory, 'registry')
  const draft = await openDraft(registry, 'bench')
  const files = {
    'signature.json': JSON.stringify(signature),
    'transforms.json': JSON.stringify(fitted),
    'model.json': modelJson,
    'weights.bin': weightsBin,
    'golden.json': JSON.stringify({ format: 1, tolerance: 1e-5, rows: golden }),
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(draft.path, name), content)
  const now = new Date()
  const { version } = await draft.register({ by: 'bench', summary: {}, now })
  await moveTag(registry, 'bench', { tag: 'champion', to: version, by: 'bench', now })
  const rows = Array.from({ length: entities }, (_, i) => ({
    key: [`user-${i}`],
    values: looked.map(() => random()),
    eventTimeMs: now.getTime(),
    availableAtMs: now.getTime(),
  }))
  await syncOnline(online, {
    group: 'profile',
    contractVersion: 1,
    keys: ['user'],
    features: looked,
    snapshot: 1,
    asOf: null,
    now,
    rows: [rows],
  })
  const instance = { user: 'user-4711', ...Object.fromEntries(sent.map((name) => [name, random()])) }
  const weightsFile = join(directory, 'weights.json')
  const plain = weights.layers.map((layer) => ({ ...layer, kernel: [...layer.kernel], bias: [...layer.bias] }))
  writeFileSync(weightsFile, JSON.stringify({ inputs: weights.inputs, layers: plain }))
  return { registry, online, weightsFile, body: JSON.stringify({ instances: [instance] }) }
}

function signatureOf() {
  const float = (name) => ({ name, type: 'float64' })
  return {
    format: 1,
    task: 'binary',
    entityKeys: { user: 'string' },
    request: sent.map(float),
    groups: [
      {
        group: 'profile',
        contractVersion: 1,
        on: { user: 'user' },
        pick: looked,
        key: { user: 'string' },
        types: Object.fromEntries(looked.map((name) => [name, 'float64'])),
        isStatic: false,
        maxAgeMs: 86_400_000,
      },
    ],
    columns: [...looked, ...sent].map(float),
    output: { name: 'probability', type: 'float64' },
  }
}

/** Park and Miller's generator: the same numbers on every machine. */
function generator(seed) {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function numbers(random, count) {
  return { kind: 'number', values: Float64Array.from({ length: count }, random), nulls: new Uint8Array(count) }
}

function network(random, inputs) {
  const layer = (from, units, activation) => ({
    units,
    activation,
    kernel: Float32Array.from({ length: from * units }, () => random() - 0.5),
    bias: Float32Array.from({ length: units }, () => random() - 0.5),
  })
  return { inputs, layers: [layer(inputs, 64, 'relu'), layer(64, 32, 'relu'), layer(32, 1, 'sigmoid')] }
}
