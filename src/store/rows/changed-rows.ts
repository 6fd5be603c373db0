import { type Contract, systemColumns } from '../../contract/index.ts'
import { type Engine, quoteName, quoteTime } from '../../engine/index.ts'
import { declaredColumns } from '../delta/stored-column.ts'
import type { Candidate } from './candidate.ts'
import { compareCandidate, type KnownRows } from './compare-candidate.ts'
import { storedOrder } from './relation.ts'
import { settleAvailability } from './settle-availability.ts'
import { latestTime, type TableTail, tailOf } from './table-tail.ts'

/** What a table does not hold yet of a candidate, and where the next commit goes on. */
export interface ChangedRows {
  /** SELECT of the rows to store, with their system columns, in the order of their sequence. */
  readonly select: string
  readonly appended: number
  readonly restated: number
  readonly late: number
  readonly lastSequence: number
  readonly highWaterMark: string | null
  /** When the rows count as committed. */
  readonly committedAt: Date
  drop(): Promise<void>
}

export interface Comparison extends KnownRows {
  /** Read once the rows are compared, which can take long: from then on they are known, and not before. */
  readonly clock: () => Date
}

/**
 * Compares a candidate with the newest stored values. A row is left out when the same values are stored for its key and
 * event time; it *restates* when others are; it is *late* when its event time is at or below the latest one of earlier commits.
 */
export async function changedRows(engine: Engine, candidate: Candidate, against: Comparison): Promise<ChangedRows> {
  const { contract, snapshot, signal } = against
  const tail = await tailOf(engine, contract, snapshot)
  const compared = await compareCandidate(engine, candidate, against, tail.highWaterMark)
  const { table, storedAvailableAt, inheritedAvailableAt, drop } = compared
  const place = table === candidate.table ? candidate.place : undefined
  // A clock that was set back must not make a commit earlier than the one before it.
  const committedAt = new Date(Math.max(against.clock().getTime(), snapshot?.timestamp ?? 0))
  const before = storedAvailableAt ?? 'NULL::TIMESTAMPTZ'
  const { late, availableAt } = settleAvailability(contract, {
    highWaterMark: tail.highWaterMark,
    before,
    inheritedAvailableAt,
    committedAt,
  })
  const counts = await countRows(engine, contract, { table, before, late, signal })
  return {
    select: storedSelect(contract, { table, place, availableAt, tail, committedAt }),
    appended: counts.appended,
    restated: counts.restated,
    late: counts.late,
    lastSequence: tail.lastSequence + counts.appended,
    highWaterMark: latestTime(tail.highWaterMark, counts.latest),
    committedAt,
    drop,
  }
}

interface Counted {
  readonly table: string
  /** SQL of the available time of the value that a row corrects. */
  readonly before: string
  /** SQL condition. */
  readonly late: string
  readonly signal: AbortSignal | undefined
}

async function countRows(engine: Engine, contract: Contract, { table, before, late, signal }: Counted) {
  const time = contract.eventTime === undefined ? 'NULL' : quoteName(contract.eventTime)
  const [found] = await engine.rows<{ appended: number; restated: number; late: number; latest: string | null }>(
    `SELECT count(*) AS appended, count(${before}) AS restated, count(*) FILTER (${late}) AS late, max(${time}) AS latest
     FROM ${table}`,
    signal,
  )
  return found ?? { appended: 0, restated: 0, late: 0, latest: null }
}

interface RowsToStore {
  readonly table: string
  /** Column that counts the rows in the order in which they are stored, where they lie in it. */
  readonly place: string | undefined
  /** SQL. */
  readonly availableAt: string
  readonly tail: TableTail
  readonly committedAt: Date
}

function storedSelect(contract: Contract, { table, place, availableAt, tail, committedAt }: RowsToStore): string {
  const { availableAt: available, committedAt: committed, sequence } = systemColumns
  const declared = declaredColumns(contract).map(({ name }) => quoteName(name))
  // By event time first: readers skip row groups by it, and a sequence in that order is the same on every machine.
  const order = storedOrder(contract).map(quoteName).join(', ')
  const number = place === undefined ? `row_number() OVER (ORDER BY ${order})` : `1 + ${place}`
  return `SELECT ${declared.join(', ')}, ${availableAt} AS ${available},
      ${quoteTime(committedAt.toISOString())} AS ${committed}, ${tail.lastSequence} + ${number} AS ${sequence}
    FROM ${table}${place === undefined ? ` ORDER BY ${sequence}` : ''}`
}
