import { type Contract, systemColumns } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import { newestRows } from './relation.ts'

/** The end of a table, after which new rows go. */
export interface TableTail {
  readonly lastSequence: number
  /** Latest event time, ISO 8601. */
  readonly highWaterMark: string | null
}

/** The newest commit of fti says it; a table that others have rewritten is asked itself. */
export async function tailOf(engine: Engine, contract: Contract, snapshot: Snapshot | undefined): Promise<TableTail> {
  const mark = snapshot?.mark
  if (mark?.lastSequence !== undefined) {
    return { lastSequence: mark.lastSequence, highWaterMark: mark.highWaterMark ?? null }
  }
  const time = contract.eventTime === undefined ? 'NULL' : quoteName(contract.eventTime)
  const [found] = await engine.rows<{ sequence: number | null; latest: string | null }>(
    `SELECT max(${systemColumns.sequence}) AS sequence, max(${time}) AS latest FROM (${newestRows(snapshot, contract)})`,
  )
  return { lastSequence: found?.sequence ?? 0, highWaterMark: found?.latest ?? null }
}

/** Both are ISO 8601 in UTC, but one may have microseconds: DuckDB's own order is that of the digits. */
export function latestTime(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return isAfter(b, a) ? b : a
}

/** True when moment `a` is later than `b`. */
export function isAfter(a: string, b: string): boolean {
  return comparable(a) > comparable(b)
}

function comparable(iso: string): string {
  return iso.replace('Z', '').padEnd('2013-01-01T00:00:00.000000'.length, '0')
}
