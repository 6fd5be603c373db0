// The served path itself: version -> lookup -> on-demand code -> transforms -> network. Training (parity, golden rows),
// inference and monitoring all call this one, so there is nothing to skew. It neither trains nor serves nor logs, and
// it trusts its callers with the types of instances (inference checks those of strangers).
export { scoringErrors } from './errors.ts'
export {
  type FeatureLookup,
  type LookedUp,
  type LookupMaker,
  lookupMaker,
  unavailableLookup,
} from './feature-lookup.ts'
export { type Golden, goldenJson } from './golden.ts'
export type { Instance } from './instance.ts'
export { importOnDemand, type LoadRequest, loadScorer, type ScorerFiles, scorerFromFiles } from './load-scorer.ts'
export type { Scored, Scorer, VectorInfo } from './scorer.ts'
export { groupLabel } from './vector-plan.ts'
