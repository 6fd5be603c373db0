import { type Contract, systemColumns } from '../../contract/index.ts'
import { quoteName, quoteTime } from '../../engine/index.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import type { Candidate } from './candidate.ts'
import { identity, newestRows } from './relation.ts'

/** What a candidate is compared with. */
export interface KnownRows {
  readonly contract: Contract
  /** Undefined before the first commit. */
  readonly snapshot: Snapshot | undefined
  /** Before the first commit: since when the contract version before had its values; see `inheritedAvailability`. */
  readonly inherited: string | undefined
}

/** A candidate beside what is known of its rows already. The times are expressions over `select`. */
interface ComparedRows {
  readonly select: string
  /** Available time of the value that the row corrects, null where it corrects none; absent before the first commit. */
  readonly storedAvailableAt?: string
  readonly inheritedAvailableAt?: string
}

/** SELECT of the candidate's rows that are not stored yet, with what is known of them; undefined where nothing is known of any. */
export function compareCandidate(
  candidate: Candidate,
  { contract, snapshot, inherited }: KnownRows,
): ComparedRows | undefined {
  if (snapshot !== undefined && snapshot.files.length > 0)
    return { select: difference(contract, snapshot, candidate), storedAvailableAt: '_stored_available_at' }
  if (inherited === undefined) return undefined
  const key = identity(contract).map(quoteName).join(', ')
  const select = `SELECT * FROM ${candidate.table} LEFT JOIN (${inherited}) USING (${key})`
  return { select, inheritedAvailableAt: '_inherited_available_at' }
}

function difference(contract: Contract, snapshot: Snapshot, { table, span }: Candidate): string {
  const key = identity(contract).map(quoteName)
  const features = contract.features.map(({ name }) => quoteName(name))
  // Rows that were stored before the group marked what is deleted have no mark.
  const marks = contract.deleted === undefined ? [] : [quoteName(contract.deleted)]
  const same = [
    ...features.map((name) => `c.${name} IS NOT DISTINCT FROM s.${name}`),
    ...marks.map((name) => `coalesce(c.${name}, false) = coalesce(s.${name}, false)`),
    'true',
  ].join(' AND ')
  // Bounds that stand in the text let the scan skip files and row groups: a day's batch need not read a year.
  const near =
    span === undefined || contract.eventTime === undefined
      ? ''
      : ` WHERE ${quoteName(contract.eventTime)} BETWEEN ${quoteTime(span.first)} AND ${quoteTime(span.last)}`
  return `SELECT c.*, s.${systemColumns.availableAt} AS _stored_available_at
    FROM ${table} c LEFT JOIN (SELECT * FROM (${newestRows(snapshot, contract)})${near}) s
    ON ${key.map((name) => `c.${name} = s.${name}`).join(' AND ')}
    WHERE s.${systemColumns.sequence} IS NULL OR NOT (${same})`
}
