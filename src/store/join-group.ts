import type { Engine } from '../engine/index.ts'
import { gatherValues } from './gather-values.ts'
import { choosePlan, type MeasuredGroup, scanIsCheaper } from './join-plan.ts'
import type { GroupReport, JoinedGroup, JoinRequest } from './join-request.ts'
import type { JoinSides } from './join-sides.ts'
import { knownEventTimeByFrontier, knownEventTimeByScan, newestEventTime } from './known-event-time.ts'

export interface JoinedValues {
  readonly report: GroupReport
  /** Relation `_row, et, aa, v0…`: the value of each spine row that has one. */
  readonly relation: string
}

interface Work {
  readonly engine: Engine
  readonly sides: JoinSides
  /** Prefix of the tables that this makes; the caller drops them. */
  readonly scratch: string
  readonly signal: AbortSignal | undefined
}

/** Looks up one group for every row of the spine: first which event time was the newest known, then the values there. */
export async function joinGroup(work: Work, request: JoinRequest, group: JoinedGroup): Promise<JoinedValues> {
  const { engine, sides, scratch, signal } = work
  const late = `${scratch}_late`
  const { plan, measured } = await choosePlan(engine, sides, { asked: request.plan ?? 'auto', late, signal })
  const chosen = plan === 'frontier' ? await byFrontier(work) : await inTwoPasses(work, measured)
  const found = `${scratch}_found`
  await gatherValues(engine, sides, { chosen, into: found, signal })
  for (const table of ['known', 'newest', 'late', 'suspect', 'near'])
    await engine.execute(`DROP TABLE IF EXISTS ${scratch}_${table}`)
  const [counts] = await engine.rows<{ matched: number; old: number }>(
    `SELECT count(*) FILTER (NOT expired) AS matched, count(*) FILTER (expired) AS old FROM ${found}`,
    signal,
  )
  const lateShare = measured === undefined ? null : measured.late / Math.max(1, measured.rows)
  return {
    report: { name: group.name, plan, lateShare, matched: counts?.matched ?? 0, tooOld: counts?.old ?? 0 },
    relation: `(SELECT * FROM ${found} WHERE NOT expired)`,
  }
}

async function byFrontier({ engine, sides, scratch, signal }: Work): Promise<string> {
  const known = `${scratch}_known`
  await engine.execute(`CREATE TABLE ${known} AS ${knownEventTimeByFrontier(sides)}`, signal)
  return known
}

/** The newest value is nearly always known; only the spine rows that met a late one are looked up again. */
async function inTwoPasses(work: Work, measured: MeasuredGroup | undefined): Promise<string> {
  const { engine, sides, scratch, signal } = work
  const newest = `${scratch}_newest`
  await engine.execute(`CREATE TABLE ${newest} AS ${newestEventTime(sides)}`, signal)
  if (!sides.canBeLate || measured?.late === 0) return newest
  const suspect = `${scratch}_suspect`
  await engine.execute(
    `CREATE TABLE ${suspect} AS SELECT _row, t, ${sides.keys} FROM ${newest} s SEMI JOIN ${scratch}_late f
       ON ${sides.sameKeys} AND f.et = s.et AND f.aa > s.t`,
    signal,
  )
  const [{ rows } = { rows: 0 }] = await engine.rows<{ rows: number }>(
    `SELECT count(*) AS rows FROM ${suspect}`,
    signal,
  )
  if (rows === 0) return newest
  const near = { ...sides, spine: suspect, values: `${scratch}_near` }
  await engine.execute(
    `CREATE TABLE ${near.values} AS SELECT ${sides.keys}, et, aa FROM ${sides.values} SEMI JOIN ${suspect} USING (${sides.keys})`,
    signal,
  )
  const again = (await scanIsCheaper(engine, near, suspect, signal)) ? knownEventTimeByScan : knownEventTimeByFrontier
  await engine.execute(`CREATE TABLE ${scratch}_known AS ${again(near)}`, signal)
  return `(SELECT * FROM ${newest} ANTI JOIN ${suspect} USING (_row) UNION ALL BY NAME SELECT * FROM ${scratch}_known)`
}
