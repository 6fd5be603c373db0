// Dense networks: fit in a worker over tfjs operations, encode, decode, compile to typed-array code, predict.
// Deliberately does not: read or write files, know features or registries, or load tfjs before it is needed.
export type { BackendName } from './backend.ts'
export { type CompiledNetwork, compileNetwork } from './compile-network.ts'
export { decodeNetwork } from './decode-network.ts'
export { type BackendReport, detectBackends } from './detect-backends.ts'
export { encodeNetwork } from './encode-network.ts'
export { modelErrors } from './errors.ts'
export type { FittedNetwork } from './fit-message.ts'
export { type FitRequest, fitNetwork } from './fit-network.ts'
export type { DenseLayer, NetworkWeights } from './network-weights.ts'
export { predictWithTfjs } from './predict-with-tfjs.ts'
export { seededRandom } from './random.ts'
export type { EpochReport, Rows } from './train-dense.ts'
