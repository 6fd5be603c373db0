/** What a join must answer, by looking at every value of every row: slow, and plain enough to be read as the definition. */
export interface StoredValue {
  readonly key: string
  /** Null in a static group. */
  readonly eventTime: number | null
  readonly availableAt: number
  readonly sequence: number
  readonly value: number | null
}

export interface Rules {
  readonly maxAge?: number | undefined
  readonly ignoreAvailableAt?: boolean | undefined
  readonly shift?: number | undefined
}

export interface Answer {
  readonly chosen: StoredValue | undefined
  readonly tooOld: boolean
}

export function knownValue(values: readonly StoredValue[], key: string | null, t: number, rules: Rules): Answer {
  const known = values
    .filter((row) => row.key === key)
    .filter((row) => row.eventTime === null || row.eventTime <= t)
    .filter((row) => rules.ignoreAvailableAt || row.availableAt + (rules.shift ?? 0) <= t)
  const newest = known.toSorted(later)[0]
  if (newest === undefined) return { chosen: undefined, tooOld: false }
  const tooOld = newest.eventTime !== null && rules.maxAge !== undefined && newest.eventTime < t - rules.maxAge
  return { chosen: tooOld ? undefined : newest, tooOld }
}

function later(a: StoredValue, b: StoredValue): number {
  return (b.eventTime ?? 0) - (a.eventTime ?? 0) || b.availableAt - a.availableAt || b.sequence - a.sequence
}
