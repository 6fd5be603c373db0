// Syncs ROWS keys of 10 features to an online store in FOLDER, then looks keys up through the adapter that serving uses.
import { openOnlineReader, syncOnline } from '../../dist/online/index.js'
import { toSignatureLookup } from '../../dist/scoring/index.js'
import { report } from '../child.mjs'

const [folder, count] = process.argv.slice(2)
const rows = Number(count)
const features = Array.from({ length: 10 }, (_, i) => `f${i}`)
const location = { kind: 'lmdb', path: folder }
const now = new Date()

function* batches() {
  const size = 20_000
  for (let first = 0; first < rows; first += size) {
    yield Array.from({ length: Math.min(size, rows - first) }, (_, i) => ({
      key: [first + i],
      values: features.map((_, n) => (first + i) * 0.1 + n),
      eventTimeMs: now.getTime(),
      availableAtMs: now.getTime(),
    }))
  }
}

const began = performance.now()
await syncOnline(location, {
  ...{ group: 'features', contractVersion: 1, keys: ['entity'], features, snapshot: 1, asOf: null, now },
  rows: batches(),
})
const writePerSecond = rows / ((performance.now() - began) / 1000)

const reader = await openOnlineReader(location)
const lookup = toSignatureLookup(reader)
const group = {
  group: 'features',
  contractVersion: 1,
  on: {},
  pick: features,
  key: { entity: 'int64' },
  types: {},
  isStatic: false,
}
let at = 1
const someKey = () => {
  at = (at * 48_271) % 2_147_483_647
  return [at % rows]
}
const sum = { value: 0 }
const lookUp = (times) => {
  for (let i = 0; i < times; i++) sum.value += lookup(group, someKey()).values[9]
}

function percentiles(times, work) {
  for (let i = 0; i < times / 4; i++) work()
  const taken = Float64Array.from({ length: times }, () => {
    const started = process.hrtime.bigint()
    work()
    return Number(process.hrtime.bigint() - started) / 1000
  }).sort()
  return { p50: taken[Math.floor(times * 0.5)], p99: taken[Math.floor(times * 0.99)] }
}

const one = percentiles(100_000, () => lookUp(1))
const hundred = percentiles(2000, () => lookUp(100))
if (!Number.isFinite(sum.value)) throw new Error('a lookup found nothing')
await reader.close()
report({ one, hundred, writePerSecond })
