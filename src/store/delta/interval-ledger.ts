/** A span of time that was computed: from then on, and before `to`. ISO 8601; null for the beginning of time. */
export interface CoveredInterval {
  readonly from: string | null
  readonly to: string
  /** Digest of the input that it was computed from, where the span was asked for. */
  readonly input?: string
}

/**
 * Which rows of a transform a table has seen, for groups that compute only what is new. It stands in the commit that writes those
 * rows, so the two cannot disagree.
 */
export interface IntervalLedger {
  /** Digests of the transform, and of all else that decides what it gives for equal sources. */
  readonly transform: string
  readonly form: string
  /**
   * The latest time that was seen, ISO 8601; null where there was no row yet. Ranges that are asked for later, from other input, leave
   * it: rows that came meanwhile are late beside this one.
   */
  readonly newest: string | null
  /** In order, without overlaps; what touches and has the same input is one. */
  readonly covered: readonly CoveredInterval[]
}
