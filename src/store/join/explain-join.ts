import { systemColumns, type Value } from '../../contract/index.ts'
import { type Engine, inFrom } from '../../engine/index.ts'
import type { JoinedGroup, JoinRequest } from './join-request.ts'
import { joinSides } from './join-sides.ts'

/**
 * What the point-in-time join says of one stored value for one spine row: `chosen`; `superseded` by a newer known one;
 * `too old` for the group's `maxAge`; `not yet known`, available only later; `not yet true`, known already, but of a later event.
 */
const verdicts = ['chosen', 'superseded', 'too old', 'not yet known', 'not yet true'] as const
export type Verdict = (typeof verdicts)[number]

/** One stored row of the entity that a spine row names. */
export interface JoinCandidate {
  readonly verdict: Verdict
  /** Feature -> value. */
  readonly values: Readonly<Record<string, Value>>
  /** Null in static groups. */
  readonly eventTime: string | null
  readonly availableAt: string
  readonly committedAt: string
  readonly sequence: number
}

export interface ExplainedGroup {
  /** The nearest to the time of the spine row, newest event first. */
  readonly candidates: readonly JoinCandidate[]
  /** Of all stored rows of the entity. */
  readonly counts: Readonly<Record<Verdict, number>>
}

export interface RowToExplain
  extends Pick<JoinRequest, 'spine' | 'time' | 'ignoreAvailableAt' | 'shiftAvailabilityMs' | 'signal'> {
  /** How many candidates to give at most, on each side of the time. */
  readonly limit: number
}

/** Every stored value that the join had to choose from for the one row of `spine`. Uses the join's own conditions. */
export async function explainJoin(engine: Engine, row: RowToExplain, group: JoinedGroup): Promise<ExplainedGroup> {
  const judged = judgedRows(row, group)
  const counted = await engine.rows<{ verdict: Verdict; rows: number }>(
    `SELECT verdict, count(*) AS rows FROM (${judged}) GROUP BY ALL`,
    row.signal,
  )
  const counts = Object.fromEntries(
    verdicts.map((verdict) => [verdict, counted.find((entry) => entry.verdict === verdict)?.rows ?? 0]),
  ) as Record<Verdict, number>
  const found = await engine.rows<Record<string, Value>>(
    `SELECT j.*, r.${systemColumns.committedAt} AS committed FROM (${judged}) j
     JOIN (SELECT ${systemColumns.sequence} AS seq, ${systemColumns.committedAt} FROM ${inFrom(group.relation)}) r USING (seq)
     QUALIFY verdict = 'chosen' OR ${row.limit} >= CASE
       WHEN et <= t THEN row_number() OVER (PARTITION BY et <= t ORDER BY et DESC, aa DESC, seq DESC)
       ELSE row_number() OVER (PARTITION BY et <= t ORDER BY et, aa, seq) END
     ORDER BY et DESC, aa DESC, seq DESC`,
    row.signal,
  )
  return { counts, candidates: found.map((values) => candidateOf(values, group)) }
}

function judgedRows(row: RowToExplain, group: JoinedGroup): string {
  const request: JoinRequest = { ...row, groups: [], output: '' }
  const sides = joinSides(request, group, `(SELECT 0 AS _row, * FROM ${inFrom(row.spine)})`)
  const order = 'ORDER BY et DESC, aa DESC, seq DESC'
  return `SELECT *, CASE
      WHEN NOT known THEN 'not yet known' WHEN NOT happened THEN 'not yet true' WHEN NOT fresh THEN 'too old'
      WHEN row_number() OVER (PARTITION BY known AND happened ${order}) = 1 THEN 'chosen' ELSE 'superseded' END AS verdict
    FROM (SELECT s.t, f.*, ${sides.wasKnown} AS known, ${sides.isFresh} AS fresh, f.et <= s.t AS happened
      FROM ${sides.spine} s JOIN ${sides.values} f ON ${sides.sameKeys})`
}

function candidateOf(row: Readonly<Record<string, Value>>, group: JoinedGroup): JoinCandidate {
  return {
    verdict: row['verdict'] as Verdict,
    values: Object.fromEntries(group.pick.map(({ feature }, index) => [feature, row[`v${index}`] ?? null])),
    eventTime: group.isStatic ? null : String(row['et']),
    availableAt: String(row['aa']),
    committedAt: String(row['committed']),
    sequence: Number(row['seq']),
  }
}
