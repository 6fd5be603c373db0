/** Takes one step along the gradients, in place. */
export type Optimizer = (parameters: Float32Array, gradients: Float32Array) => void

/**
 * Adam (Kingma and Ba, 2015) with the usual decay rates and tfjs's epsilon, over flat arrays:
 * for nets of this size ten tensor operations a parameter array would cost more than the products.
 */
export function adam(length: number, learningRate: number): Optimizer {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-7]
  const mean = new Float32Array(length)
  const square = new Float32Array(length)
  let [power1, power2] = [1, 1]
  return (parameters, gradients) => {
    power1 *= beta1
    power2 *= beta2
    const rate = learningRate / (1 - power1)
    const correction = 1 / (1 - power2)
    for (let i = 0; i < length; i++) {
      const g = gradients[i] as number
      const m = beta1 * (mean[i] as number) + (1 - beta1) * g
      const s = beta2 * (square[i] as number) + (1 - beta2) * g * g
      mean[i] = m
      square[i] = s
      parameters[i] = (parameters[i] as number) - (rate * m) / (Math.sqrt(s * correction) + epsilon)
    }
  }
}
