import type { Signature, Value } from '../contract/index.ts'
import type { CompiledNetwork } from '../model/index.ts'
import type { OnlineWant } from '../online/index.ts'
import type { Encoder } from '../transform/index.ts'
import type { FeatureLookup } from './feature-lookup.ts'
import type { Instance } from './instance.ts'
import { compileGather, compileWants, type OnDemandCall, type VectorInfo } from './vector-plan.ts'

export type { VectorInfo } from './vector-plan.ts'

export interface Scored extends VectorInfo {
  /** A probability in a binary task, else a value. */
  readonly output: number
}

/** One model version, loaded: everything between an instance and its prediction. */
export interface Scorer {
  readonly model: string
  readonly version: number
  readonly signature: Signature
  /** Numbers in a vector. */
  readonly width: number
  /** What the online store is asked for before these instances are scored. */
  wants(instances: readonly Instance[]): readonly OnlineWant[]
  /** One prediction for each instance. Not reentrant, and it need not be: it never waits. */
  score(instances: readonly Instance[], lookup: FeatureLookup, nowMs: number): Scored[]
  /** Writes one instance's vector at `offset` of `out`. */
  vectorize(instance: Instance, lookup: FeatureLookup, nowMs: number, out: Float32Array, offset: number): VectorInfo
  /** The prediction for values in the order of `signature.columns`, without any lookup. */
  predictValues(values: readonly Value[]): number
  close(): void
}

export interface ScorerParts {
  readonly model: string
  readonly version: number
  readonly signature: Signature
  readonly onDemand: OnDemandCall | undefined
  readonly encoder: Encoder
  readonly network: CompiledNetwork
}

export function scorerOf(parts: ScorerParts): Scorer {
  const { model, version, signature, encoder, network } = parts
  const gather = compileGather(signature, parts.onDemand)
  const vector = new Float32Array(encoder.width)
  const predictValues = (values: readonly Value[]): number => {
    encoder.encodeRow(values, vector, 0)
    return network.predict(vector, 0)
  }
  return {
    model,
    version,
    signature,
    width: encoder.width,
    predictValues,
    wants: compileWants(signature),
    score: (instances, lookup, nowMs) =>
      instances.map((instance) => {
        const { values, ages, unknown, stale, ahead, unavailable } = gather(instance, lookup, nowMs)
        return { output: predictValues(values), values, ages, unknown, stale, ahead, unavailable }
      }),
    vectorize: (instance, lookup, nowMs, out, offset) => {
      const info = gather(instance, lookup, nowMs)
      encoder.encodeRow(info.values, out, offset)
      return info
    },
    close: () => {},
  }
}
