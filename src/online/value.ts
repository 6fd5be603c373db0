import type { Value } from '../contract/index.ts'

/** The newest value of one entity key that was available at the sync's moment. */
export interface OnlineValue {
  /** Names of the values: those of the very sync that wrote them, and one array for all values of a sync. */
  readonly features: readonly string[]
  /** In the order of `features`. */
  readonly values: readonly Value[]
  /** Epoch milliseconds; null in a static group. */
  readonly eventTimeMs: number | null
  readonly availableAtMs: number
}

/** As stored: one msgpack array, with no names in it. */
export type StoredValue = [values: readonly Value[], eventTimeMs: number | null, availableAtMs: number]
