import { type Contract, knownAlways, systemColumns } from '../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../engine/index.ts'
import { type Candidate, declaredAvailability } from './candidate.ts'
import { identity, newestRows } from './relation.ts'
import type { Snapshot } from './snapshot.ts'
import { declaredColumns } from './stored-column.ts'

/** What a table does not hold yet of a candidate, and where the next commit goes on. */
export interface ChangedRows {
  /** SELECT of the rows to store, with their system columns, in the order of their sequence. */
  readonly select: string
  readonly appended: number
  readonly restated: number
  readonly late: number
  readonly lastSequence: number
  readonly highWaterMark: string | null
  drop(): Promise<void>
}

/** The end of a table, after which new rows go. */
interface Tail {
  readonly lastSequence: number
  readonly highWaterMark: string | null
}

/**
 * Compares a candidate with the newest stored values. A row is left out when the same values are stored for its key and
 * event time; it *restates* when others are; it is *late* when its event time is at or below the latest one of earlier commits.
 */
export async function changedRows(engine: Engine, candidate: Candidate, against: Stored): Promise<ChangedRows> {
  const { contract, snapshot, committedAt, signal } = against
  const tail = await tailOf(engine, contract, snapshot)
  const compared = comparison(candidate, against)
  const table = compared === undefined ? candidate.table : `${candidate.table.slice(0, -1)}_changed"`
  if (compared !== undefined) await engine.execute(`CREATE OR REPLACE TABLE ${table} AS ${compared.select}`, signal)
  const before = compared?.storedAvailableAt ?? 'NULL::TIMESTAMPTZ'
  const rules = availabilityRules(contract, tail, {
    before,
    inheritedAvailableAt: compared?.inheritedAvailableAt,
    committedAt,
  })
  const time = contract.eventTime === undefined ? 'NULL' : quoteName(contract.eventTime)
  const [found] = await engine.rows<{ appended: number; restated: number; late: number; latest: string | null }>(
    `SELECT count(*) AS appended, count(${before}) AS restated, count(*) FILTER (${rules.late}) AS late, max(${time}) AS latest
     FROM ${table}`,
    signal,
  )
  const { appended = 0, restated = 0, late = 0, latest = null } = found ?? {}
  return {
    select: storedSelect(contract, table, rules.availableAt, tail, committedAt),
    appended,
    restated,
    late,
    lastSequence: tail.lastSequence + appended,
    highWaterMark: later(tail.highWaterMark, latest),
    drop: async () => {
      if (compared !== undefined) await engine.execute(`DROP TABLE IF EXISTS ${table}`)
    },
  }
}

/** What a candidate is compared with. */
export interface Stored {
  readonly contract: Contract
  /** Undefined before the first commit. */
  readonly snapshot: Snapshot | undefined
  /** Before the first commit: since when the contract version before had its values; see `inheritedAvailability`. */
  readonly inherited: string | undefined
  readonly committedAt: Date
  readonly signal?: AbortSignal | undefined
}

/** A candidate beside what is known of its rows already. The times are expressions over `select`. */
interface Comparison {
  readonly select: string
  /** Available time of the value that the row corrects, null where it corrects none; absent before the first commit. */
  readonly storedAvailableAt?: string
  readonly inheritedAvailableAt?: string
}

/** Undefined where nothing is known of any row. */
function comparison(candidate: Candidate, { contract, snapshot, inherited }: Stored): Comparison | undefined {
  if (snapshot !== undefined && snapshot.files.length > 0)
    return { select: difference(contract, snapshot, candidate), storedAvailableAt: '_stored_available_at' }
  if (inherited === undefined) return undefined
  const key = identity(contract).map(quoteName).join(', ')
  const select = `SELECT * FROM ${candidate.table} LEFT JOIN (${inherited}) USING (${key})`
  return { select, inheritedAvailableAt: '_inherited_available_at' }
}

/** The newest commit of fti says it; a table that others have rewritten is asked itself. */
async function tailOf(engine: Engine, contract: Contract, snapshot: Snapshot | undefined): Promise<Tail> {
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

function difference(contract: Contract, snapshot: Snapshot, candidate: Candidate): string {
  const key = identity(contract).map(quoteName)
  const features = contract.features.map(({ name }) => quoteName(name))
  const same = [...features.map((name) => `c.${name} IS NOT DISTINCT FROM s.${name}`), 'true'].join(' AND ')
  const { span } = candidate
  // Bounds that stand in the text let the scan skip files and row groups: a day's batch need not read a year.
  const near =
    span === undefined || contract.eventTime === undefined
      ? ''
      : ` WHERE ${quoteName(contract.eventTime)} BETWEEN ${instant(span.first)} AND ${instant(span.last)}`
  return `SELECT c.*, s.${systemColumns.availableAt} AS _stored_available_at
    FROM ${candidate.table} c LEFT JOIN (SELECT * FROM (${newestRows(snapshot, contract)})${near}) s
    ON ${key.map((name) => `c.${name} = s.${name}`).join(' AND ')}
    WHERE s.${systemColumns.sequence} IS NULL OR NOT (${same})`
}

/**
 * DESIGN "Availability": what the owner declares, unless the row is late or restates; then not before its commit, for nobody
 * could have known it earlier. A restated row is moreover never available before the one that it corrects, and a row that
 * an older contract version held back not before that one's commit.
 */
function availabilityRules(
  contract: Contract,
  tail: Tail,
  {
    before,
    inheritedAvailableAt,
    committedAt,
  }: { before: string; inheritedAvailableAt: string | undefined; committedAt: Date },
) {
  const commit = instant(committedAt.toISOString())
  const restated = `${before} IS NOT NULL`
  const mark = tail.highWaterMark
  const { eventTime } = contract
  const late =
    eventTime === undefined || mark === null
      ? 'false'
      : `NOT (${restated}) AND ${quoteName(eventTime)} <= ${instant(mark)}`
  const known = contract.isStatic ? instant(knownAlways) : declaredAvailability
  const declared = inheritedAvailableAt === undefined ? known : `greatest(${known}, ${inheritedAvailableAt})`
  const corrected = contract.isStatic ? `greatest(${commit}, ${before})` : `greatest(${declared}, ${commit}, ${before})`
  const availableAt = `CASE WHEN ${restated} THEN ${corrected} WHEN ${late} THEN greatest(${declared}, ${commit}) ELSE ${declared} END`
  return { late, availableAt }
}

function storedSelect(contract: Contract, table: string, availableAt: string, tail: Tail, committedAt: Date): string {
  const declared = declaredColumns(contract).map(({ name }) => quoteName(name))
  // By event time first: readers skip row groups by it, and a sequence in that order is the same on every machine.
  const key = Object.keys(contract.entity.key).map(quoteName)
  const order = [...(contract.eventTime === undefined ? [] : [quoteName(contract.eventTime)]), ...key].join(', ')
  return `SELECT ${declared.join(', ')}, ${systemColumns.availableAt}, ${instant(committedAt.toISOString())} AS ${systemColumns.committedAt},
    ${tail.lastSequence} + row_number() OVER (ORDER BY ${order}) AS ${systemColumns.sequence}
    FROM (SELECT *, ${availableAt} AS ${systemColumns.availableAt} FROM ${table}) ORDER BY ${systemColumns.sequence}`
}

function instant(iso: string): string {
  return `TIMESTAMPTZ ${quoteText(iso)}`
}

/** Both are ISO 8601 in UTC, but one may have microseconds: DuckDB's own order is that of the digits. */
function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return comparable(a) >= comparable(b) ? a : b
}

function comparable(iso: string): string {
  return iso.replace('Z', '').padEnd('2013-01-01T00:00:00.000000'.length, '0')
}
