/** Physical columns that every feature table has beside the declared ones. */
export const systemColumns = {
  availableAt: '_available_at',
  committedAt: '_committed_at',
  sequence: '_sequence',
} as const

/**
 * Availability of the first value of a key in a static group: known always. Delta cannot store minus infinity, and Spark refuses to
 * read an earlier moment from Parquet unless it is told which calendar was meant. See docs/decisions/static-groups.md.
 */
export const knownAlways = '1900-01-01T00:00:00Z'
