import { type Contract, systemColumns } from '../../contract/index.ts'
import { type Engine, quoteName, quoteTime } from '../../engine/index.ts'
import { whileReading } from '../delta/damaged-file.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import type { Candidate } from './candidate.ts'
import type { EventSpan, InheritedTimes } from './inherited-availability.ts'
import { identity, newestRows } from './relation.ts'
import { isAfter } from './table-tail.ts'

/** What a candidate is compared with. */
export interface KnownRows {
  readonly contract: Contract
  /** Undefined before the first commit. */
  readonly snapshot: Snapshot | undefined
  /** Since when the contract version before had its values; asked only where there are rows that the table never had. */
  readonly inherited: (span: EventSpan | undefined) => Promise<InheritedTimes | undefined>
  readonly signal?: AbortSignal | undefined
}

/** The rows of a candidate that are not stored yet, with what is known of them. The times are columns of the table. */
interface ComparedRows {
  /** Quoted name of an engine's table: the candidate's own where nothing is known of any row. */
  readonly table: string
  /** Available time of the value that the row corrects, null where it corrects none; absent where no row corrects one. */
  readonly storedAvailableAt?: string
  readonly inheritedAvailableAt?: string
  drop(): Promise<void>
}

/** @param highWaterMark latest event time that is stored, ISO 8601; null where none is */
export async function compareCandidate(
  engine: Engine,
  candidate: Candidate,
  { contract, snapshot, inherited, signal }: KnownRows,
  highWaterMark: string | null,
): Promise<ComparedRows> {
  const changed = `${candidate.table.slice(0, -1)}_changed"`
  const hold = (select: string) => engine.execute(`CREATE OR REPLACE TABLE ${changed} AS ${select}`, signal)
  const drop = () => engine.execute(`DROP TABLE IF EXISTS ${changed}`)
  // Later than all that is stored is new: a day's batch is not looked for in a year.
  const isBeyond =
    candidate.span !== undefined && highWaterMark !== null && isAfter(candidate.span.first, highWaterMark)
  const hasRows = snapshot !== undefined && snapshot.files.length > 0 && !isBeyond
  if (hasRows) await hold(difference(contract, snapshot, candidate))
  const stored = hasRows ? { storedAvailableAt: '_stored_available_at' } : {}
  const table = hasRows ? changed : candidate.table
  const isNew = hasRows ? 'c._stored_available_at IS NULL' : 'true'
  const { rows, span } = await countNew(engine, contract, `${table} c WHERE ${isNew}`)
  const before = rows === 0 ? undefined : await inherited(span)
  if (before === undefined) return { table, ...stored, drop }
  const same = identity(contract).map((name) => `c.${quoteName(name)} = i.${quoteName(name)}`)
  const select = `SELECT c.*, i._inherited_available_at
    FROM ${table} c LEFT JOIN (${before.select}) i ON ${[...same, isNew].join(' AND ')}`
  await whileReading([before.snapshot], () => hold(select))
  return { table: changed, ...stored, inheritedAvailableAt: '_inherited_available_at', drop }
}

async function countNew(
  engine: Engine,
  contract: Contract,
  from: string,
): Promise<{ readonly rows: number; readonly span?: EventSpan }> {
  const time = contract.eventTime === undefined ? 'NULL' : `c.${quoteName(contract.eventTime)}`
  const [found] = await engine.rows<{ rows: number; first: string | null; last: string | null }>(
    `SELECT count(*) AS rows, min(${time}) AS first, max(${time}) AS last FROM ${from}`,
  )
  const { rows, first, last } = found ?? { rows: 0, first: null, last: null }
  return first === null || last === null ? { rows } : { rows, span: { first, last } }
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
