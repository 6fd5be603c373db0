/** What a sync left: which values a reader gets and as of when. */
export interface SyncState {
  readonly syncId: string
  readonly syncedAt: string
  /** The replay moment that the values are as of; null means the moment of the sync. */
  readonly asOf: string | null
  /** Delta version of the group's table that the values come from. */
  readonly snapshot: number
  /** Id of that table: one that was begun anew counts its snapshots from 0 again. Absent where an older fti synced. */
  readonly table?: string | undefined
  /** Entity key columns, in order. */
  readonly keys: readonly string[]
  /** Order of `OnlineValue.values`. */
  readonly features: readonly string[]
  readonly rows: number
}

export interface SyncedGroup {
  readonly group: string
  readonly contractVersion: number
  readonly state: SyncState
}
