import type { Activation, DenseLayer, NetworkWeights } from './network-weights.ts'

/** A network as straight typed-array code. One row costs microseconds and allocates nothing. */
export interface CompiledNetwork {
  /** The prediction for the vector at `offset`: a probability for a binary task, else a value. */
  predict(x: Float32Array, offset: number): number
  /** The same for many rows laid end to end; equal to `predict` row by row, bit for bit. */
  predictBatch(x: Float32Array, rows: number): Float32Array
}

/** Sums are kept in float64, so they are at least as exact as any tensor backend's; answers are float32 like theirs. */
export function compileNetwork(weights: NetworkWeights): CompiledNetwork {
  const { inputs } = weights
  const layers: CompiledLayer[] = []
  let width = inputs
  for (const layer of weights.layers) {
    layers.push(compileLayer(layer, width))
    width = layer.units
  }
  const predict = (x: Float32Array, offset: number): number => {
    let values: Float32Array | Float64Array = x
    let from = offset
    for (const layer of layers) {
      values = layer(values, from)
      from = 0
    }
    return Math.fround(values[0] as number)
  }
  const predictBatch = (x: Float32Array, rows: number): Float32Array => {
    const out = new Float32Array(rows)
    for (let i = 0; i < rows; i++) out[i] = predict(x, i * inputs)
    return out
  }
  return { predict, predictBatch }
}

/** Reads its inputs at `offset`, returns its own buffer of outputs, valid until its next call. */
type CompiledLayer = (values: Float32Array | Float64Array, offset: number) => Float64Array

/**
 * Input by input, and zeros skipped: a vector after one-hot encoding is mostly zeros, and so is one after relu.
 * Four inputs at a time, so that each sum is loaded and stored once for four products.
 */
function compileLayer({ units, activation, kernel, bias }: DenseLayer, inputs: number): CompiledLayer {
  const weights = Float64Array.from(kernel)
  const biases = Float64Array.from(bias)
  const sums = new Float64Array(units)
  const rows = new Int32Array(inputs + 3)
  const factors = new Float64Array(inputs + 3)
  const activate = activationOf[activation]
  return (values, offset) => {
    let count = 0
    for (let i = 0; i < inputs; i++) {
      const value = values[offset + i] as number
      if (value === 0) continue
      rows[count] = i * units
      factors[count++] = value
    }
    // Padding with zero factors ends the loop without a tail of its own.
    for (let i = count; i < count + 3; i++) {
      rows[i] = 0
      factors[i] = 0
    }
    sums.set(biases)
    for (let i = 0; i < count; i += 4) addFour(sums, weights, rows, factors, i)
    activate(sums)
    return sums
  }
}

function addFour(
  sums: Float64Array,
  weights: Float64Array,
  rows: Int32Array,
  factors: Float64Array,
  first: number,
): void {
  const [r0, r1] = [rows[first] as number, rows[first + 1] as number]
  const [r2, r3] = [rows[first + 2] as number, rows[first + 3] as number]
  const [f0, f1] = [factors[first] as number, factors[first + 1] as number]
  const [f2, f3] = [factors[first + 2] as number, factors[first + 3] as number]
  for (let j = 0; j < sums.length; j++) {
    sums[j] =
      (sums[j] as number) +
      f0 * (weights[r0 + j] as number) +
      f1 * (weights[r1 + j] as number) +
      f2 * (weights[r2 + j] as number) +
      f3 * (weights[r3 + j] as number)
  }
}

const activationOf: Readonly<Record<Activation, (sums: Float64Array) => void>> = {
  linear: () => {},
  relu: (sums) => {
    for (let i = 0; i < sums.length; i++) if ((sums[i] as number) < 0) sums[i] = 0
  },
  sigmoid: (sums) => {
    for (let i = 0; i < sums.length; i++) sums[i] = 1 / (1 + Math.exp(-(sums[i] as number)))
  },
}
