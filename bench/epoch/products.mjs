// The floor: the matrix products of one epoch on the backend that we train on, with operands that lie ready, and nothing else.
import process from 'node:process'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-wasm'
import { report, timed } from '../child.mjs'

const [rows, batch, ...units] = process.argv.slice(2).map(Number)
tf.enableProdMode()
await tf.setBackend('wasm')
const pairs = units.slice(1).flatMap((to, i) => products(units[i], to, i === 0))
epoch(Math.ceil(rows / batch / 20))
const { wallS, cpuS } = await timed(() => epoch(Math.ceil(rows / batch)))
report({ wallS, cpuS })

/** Of one layer: its output, the gradient of its kernel and, but for the first, that of its input. */
function products(from, to, isFirst) {
  const pair = (m, k, n) => [tf.randomUniform([m, k]), tf.randomUniform([k, n])]
  const forward = [pair(batch, from, to), pair(from, batch, to)]
  return isFirst ? forward : [...forward, pair(batch, to, from)]
}

function epoch(steps) {
  for (let step = 0; step < steps; step++) {
    for (const [a, b] of pairs) tf.matMul(a, b).dispose()
  }
}
