import { expect, test } from 'vitest'
import { compileNetwork, encodeNetwork, type FitRequest, fitNetwork, predictWithTfjs } from '../../src/model/index.ts'
import { seededRandom } from '../../src/model/random.ts'

/** Two moons in spirit: the label is 1 inside a ring, which no linear model can tell. */
function ring(rows: number, seed: number, shared = false) {
  const random = seededRandom(seed, 'data')
  const make = (length: number) =>
    shared ? new Float32Array(new SharedArrayBuffer(length * 4)) : new Float32Array(length)
  const [x, y] = [make(rows * 2), make(rows)]
  for (let i = 0; i < rows; i++) {
    x[2 * i] = random() * 2 - 1
    x[2 * i + 1] = random() * 2 - 1
    y[i] = (x[2 * i] as number) ** 2 + (x[2 * i + 1] as number) ** 2 < 0.6 ? 1 : 0
  }
  return { x, y, rows }
}

function request(changes: Partial<FitRequest> = {}): FitRequest {
  return {
    network: { type: 'mlp', layers: [16, 8], dropout: 0 },
    task: 'binary',
    fit: { epochs: 30, batchSize: 64, learningRate: 0.01, earlyStopping: 0, seed: 7 },
    width: 2,
    train: ring(1000, 1),
    validation: ring(400, 2),
    backend: 'auto',
    ...changes,
  }
}

test('learns what a linear model cannot, and its compiled form agrees with tfjs', async () => {
  const fitted = await fitNetwork(request())
  expect(fitted.backend).toBe('wasm')
  expect(fitted.history).toHaveLength(30)
  expect(fitted.history[fitted.bestEpoch - 1]?.validationLoss).toBeLessThan(0.2)
  const { x, y, rows } = ring(500, 3)
  const predictions = compileNetwork(fitted.weights).predictBatch(x, rows)
  const right = predictions.filter((p, i) => p > 0.5 === (y[i] === 1)).length
  expect(right / rows).toBeGreaterThan(0.93)
  const reference = await predictWithTfjs(fitted.weights, x, rows)
  predictions.forEach((p, i) => {
    expect(p).toBeCloseTo(reference[i] as number, 5)
  })
})

test('gives the same bytes twice for one seed, and others for another', async () => {
  const short = { epochs: 3, batchSize: 64, learningRate: 0.01, earlyStopping: 0, seed: 7 }
  const dropped = { type: 'mlp' as const, layers: [16, 8], dropout: 0.2 }
  const bytes = async (changes: Partial<FitRequest>) =>
    Buffer.from(
      encodeNetwork((await fitNetwork(request({ fit: short, network: dropped, ...changes }))).weights).weightsBin,
    )
  const first = await bytes({})
  expect((await bytes({ train: ring(1000, 1, true) })).equals(first)).toBe(true)
  expect((await bytes({ fit: { ...short, seed: 8 } })).equals(first)).toBe(false)
})

test('a cancelled fit ends at once with FTI_INTERRUPTED, before and during', async () => {
  await expect(fitNetwork(request(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'FTI_INTERRUPTED',
  })
  const controller = new AbortController()
  let abortedAt = 0
  const onEpoch = () => {
    abortedAt ||= performance.now()
    controller.abort()
  }
  const fit = { ...request().fit, epochs: 100_000 }
  const endless = fitNetwork(request({ fit }), { signal: controller.signal, onEpoch })
  await expect(endless).rejects.toMatchObject({ code: 'FTI_INTERRUPTED' })
  expect(performance.now() - abortedAt).toBeLessThan(1000)
})

test('an error of the training thread arrives as itself', async () => {
  const fit = { ...request().fit, learningRate: 1e30 }
  await expect(fitNetwork(request({ fit }))).rejects.toMatchObject({ code: 'FTI_LOSS_NAN', exit: 1 })
})

test('an error of the listener ends the fit', async () => {
  const broken = () => {
    throw new RangeError('listener')
  }
  await expect(fitNetwork(request(), { onEpoch: broken })).rejects.toThrow('listener')
})

test('a backend that is not installed is named', async () => {
  await expect(fitNetwork(request({ backend: 'tfjs-node' }))).rejects.toMatchObject({ code: 'FTI_BACKEND_MISSING' })
})

test('rows that are not what they claim are refused before a thread starts', async () => {
  const empty = { x: new Float32Array(0), y: new Float32Array(0), rows: 0 }
  const train = ring(10, 1)
  const wrong: Partial<FitRequest>[] = [
    { train: empty },
    { width: 0 },
    { width: 3 },
    { train: { ...train, rows: 11 } },
    { train: { ...train, y: train.y.map(() => 2) } },
    { train: { ...train, y: train.y.map(() => Number.NaN) }, task: 'regression' },
    { train: { ...train, x: train.x.with(3, Number.NaN) } },
    { validation: { ...train, x: train.x.with(3, Number.NEGATIVE_INFINITY) } },
    { validation: { ...train, y: new Float32Array(9) } },
  ]
  for (const changes of wrong) {
    await expect(fitNetwork(request(changes))).rejects.toMatchObject({ code: 'FTI_FIT_INPUT' })
  }
})

test('a view into a larger array is trained on alone', async () => {
  const fit = { epochs: 1, batchSize: 64, learningRate: 0.01, earlyStopping: 0, seed: 7 }
  const train = ring(100, 1)
  const larger = new Float32Array(1000)
  larger.set(train.x, 300)
  const view = { ...train, x: larger.subarray(300, 500) }
  const [a, b] = [await fitNetwork(request({ fit, train })), await fitNetwork(request({ fit, train: view }))]
  expect(a.weights).toEqual(b.weights)
  expect(larger.length).toBe(1000)
})
