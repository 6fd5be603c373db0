/** What a dense layer does to its sums. Only these exist; a file that names another is refused. */
export const activations = ['linear', 'relu', 'sigmoid'] as const
export type Activation = (typeof activations)[number]

export interface DenseLayer {
  readonly units: number
  readonly activation: Activation
  /** `[inputs, units]`, row by row. */
  readonly kernel: Float32Array
  readonly bias: Float32Array
}

/** A dense network as plain numbers: all that training produces and all that serving needs. */
export interface NetworkWeights {
  /** Width of the vector it takes. */
  readonly inputs: number
  /** At least one; the last has one unit. */
  readonly layers: readonly DenseLayer[]
}
