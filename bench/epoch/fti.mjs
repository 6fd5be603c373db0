// Our training loop on the matrix of a training dataset, made with the transforms of the version that was trained on it, as
// `fti train` makes it. With a folder to leave it in, the peers get the same matrix: little-endian float32, row by row.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { openEngine, quoteName, quoteText } from '../../dist/engine/index.js'
import { fitNetwork } from '../../dist/model/index.js'
import { loadProject } from '../../dist/project/index.js'
import { compileEncoder, parseTransforms } from '../../dist/transform/index.js'
import { report } from '../child.mjs'

const [folder, dataset, version, epochs, leaveIn] = process.argv.slice(2)
const project = await loadProject({ directory: folder })
const [model] = project.models.values()
const encoder = compileEncoder(parseTransforms(readFileSync(join(version, 'transforms.json'), 'utf8')))
const engine = await openEngine({ tempDirectory: join(project.state, 'tmp'), allowedDirectories: [project.store] })
const train = await matrixOf('train')
const validation = await matrixOf('validation')
await engine.close()
if (leaveIn !== undefined) {
  writeFileSync(join(leaveIn, 'x.f32'), train.x)
  writeFileSync(join(leaveIn, 'y.f32'), train.y)
}

const cpuS = []
let cpu = process.cpuUsage()
const { network, task, fit } = model
const fitted = await fitNetwork(
  {
    network,
    task,
    fit: { ...fit, epochs: Number(epochs), earlyStopping: 0 },
    width: encoder.width,
    train,
    validation,
    backend: 'auto',
  },
  {
    onEpoch: () => {
      const { user, system } = process.cpuUsage(cpu)
      cpu = process.cpuUsage()
      cpuS.push((user + system) / 1e6)
    },
  },
)
report({
  wallS: Math.min(...fitted.history.map(({ seconds }) => seconds)),
  // The first one has loaded the backend.
  cpuS: Math.min(...cpuS.slice(1)),
  backend: fitted.backend,
  rows: train.rows,
  width: encoder.width,
  squares: train.x.reduce((sum, value) => sum + value ** 2, 0),
  layers: network.layers,
  dropout: network.dropout,
  batchSize: fit.batchSize,
})

async function matrixOf(part) {
  const names = JSON.parse(readFileSync(join(version, 'signature.json'), 'utf8')).columns.map(({ name }) => name)
  const file = quoteText(join(dataset, `${part}.parquet`))
  const columns = await engine.columns(
    `SELECT ${names.map(quoteName).join(', ')}, _label FROM read_parquet(${file}) ORDER BY _row`,
  )
  const shared = (length) => new Float32Array(new SharedArrayBuffer(4 * length))
  const y = shared(columns.rows)
  y.set(columns.columns._label.values)
  return { x: encoder.encodeBatch(columns, shared(columns.rows * encoder.width)), y, rows: columns.rows }
}
