import { type Contract, knownAlways } from '../../contract/index.ts'
import { quoteName, quoteTime } from '../../engine/index.ts'
import { declaredAvailability } from './candidate.ts'

/** What decides since when new rows were known. `before` and `inheritedAvailableAt` are SQL. */
interface Circumstances {
  /** Latest event time of earlier commits. */
  readonly highWaterMark: string | null
  /** Available time of the value that a row corrects, null where it corrects none. */
  readonly before: string
  readonly inheritedAvailableAt: string | undefined
  readonly committedAt: Date
}

/**
 * DESIGN "Availability": what the owner declares, unless the row is late or restates; then not before its commit, for nobody
 * could have known it earlier. A restated row is moreover never available before the one that it corrects, and a row that
 * an older contract version held back not before that one's commit. Gives SQL: which rows are late, and since when each was known.
 */
export function settleAvailability(
  contract: Contract,
  { highWaterMark, before, inheritedAvailableAt, committedAt }: Circumstances,
): { readonly late: string; readonly availableAt: string } {
  const { isStatic, eventTime } = contract
  const commit = quoteTime(committedAt.toISOString())
  const restated = `${before} IS NOT NULL`
  const late =
    eventTime === undefined || highWaterMark === null
      ? 'false'
      : `NOT (${restated}) AND ${quoteName(eventTime)} <= ${quoteTime(highWaterMark)}`
  const known = isStatic ? quoteTime(knownAlways) : declaredAvailability
  const declared = inheritedAvailableAt === undefined ? known : `greatest(${known}, ${inheritedAvailableAt})`
  const corrected = isStatic ? `greatest(${commit}, ${before})` : `greatest(${declared}, ${commit}, ${before})`
  const availableAt = `CASE WHEN ${restated} THEN ${corrected}
    WHEN ${late} THEN greatest(${declared}, ${commit}) ELSE ${declared} END`
  return { late, availableAt }
}
