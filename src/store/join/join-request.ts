/** One feature group as a join reads it. */
export interface JoinedGroup {
  /** SQL of the group's raw rows: every restatement of a value, with the system columns. */
  readonly relation: string
  /** Stands for this use of the group in reports and source columns; unique within a join. */
  readonly name: string
  /** Entity key column of the group -> column of the spine that holds it. */
  readonly on: Readonly<Record<string, string>>
  /** Features to join, and the column of the output that each becomes. */
  readonly pick: readonly { readonly feature: string; readonly column: string }[]
  /** Absent when static. */
  readonly eventTime?: string | undefined
  readonly isStatic: boolean
  /** Values whose event time is older than this at the time of the spine row are left out. Static groups have none. */
  readonly maxAgeMs?: number | undefined
}

/** `window`: compares each spine row with the values shortly before it. `frontier`: sorts all values by when they became known. */
export type JoinPlan = 'window' | 'frontier'

export interface JoinRequest {
  /** SQL of the rows to extend: entity keys, the time, anything else. */
  readonly spine: string
  /** Column of the spine: the moment as of which values are looked up. */
  readonly time: string
  readonly groups: readonly JoinedGroup[]
  /** Table to create. */
  readonly output: string
  /** Leaks: also takes values that were not known yet. For comparisons, and recorded in the lineage. */
  readonly ignoreAvailableAt?: boolean | undefined
  /** Added to every available time, to show what knowing later costs. */
  readonly shiftAvailabilityMs?: number | undefined
  /** Also `_<name>_event_time` and `_<name>_available_at` of the value that was taken. */
  readonly withSources?: boolean | undefined
  readonly plan?: 'auto' | JoinPlan | undefined
  readonly signal?: AbortSignal | undefined
}

export interface GroupReport {
  readonly name: string
  readonly plan: JoinPlan
  /** Share of the group's rows that became available after their event time; null where it cannot matter. Of very many rows, a sample. */
  readonly lateShare: number | null
  /** Spine rows that got a value. */
  readonly matched: number
  /** Spine rows whose newest known value was older than `maxAgeMs`, and so got none. */
  readonly tooOld: number
}

export interface JoinReport {
  /** Rows of the spine and of the output. */
  readonly rows: number
  readonly groups: readonly GroupReport[]
}

/** Names of the columns that `withSources` adds for a group. */
export function sourceColumns(name: string): { eventTime: string; availableAt: string } {
  return { eventTime: `_${name}_event_time`, availableAt: `_${name}_available_at` }
}
