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
  const { plan, measured } = await choosePlan(work.engine, work.sides, request.plan ?? 'auto', work.signal)
  const tables = plan === 'frontier' ? await byFrontier(work) : await inTwoPasses(work, measured)
  const all = tables.map((table) => `SELECT * FROM ${table}`).join(' UNION ALL ')
  const [counts] = await work.engine.rows<{ matched: number; old: number }>(
    `SELECT count(*) FILTER (NOT expired) AS matched, count(*) FILTER (expired) AS old FROM (${all})`,
    work.signal,
  )
  const lateShare = measured === undefined ? null : measured.late / Math.max(1, measured.rows)
  return {
    report: { name: group.name, plan, lateShare, matched: counts?.matched ?? 0, tooOld: counts?.old ?? 0 },
    relation: `(SELECT * FROM (${all}) WHERE NOT expired)`,
  }
}

async function byFrontier({ engine, sides, scratch, signal }: Work): Promise<string[]> {
  const chosen = `${scratch}_chosen`
  await engine.execute(`CREATE TABLE ${chosen} AS ${knownEventTimeByFrontier(sides)}`, signal)
  const found = `${scratch}_found`
  await gatherValues(engine, sides, { chosen, into: found, signal })
  await engine.execute(`DROP TABLE ${chosen}`)
  return [found]
}

/** The newest value is nearly always known; only the spine rows where it was not are looked up again. */
async function inTwoPasses(work: Work, measured: MeasuredGroup | undefined): Promise<string[]> {
  const { engine, sides, scratch, signal } = work
  const newest = `${scratch}_newest`
  const found = `${scratch}_found`
  await engine.execute(`CREATE TABLE ${newest} AS ${newestEventTime(sides)}`, signal)
  await gatherValues(engine, sides, { chosen: newest, into: found, signal })
  const tables = [found]
  if (sides.canBeLate && (await differInRows(work, newest, found))) {
    const late = `${scratch}_late`
    await engine.execute(`CREATE TABLE ${late} AS SELECT _row FROM ${newest} ANTI JOIN ${found} USING (_row)`, signal)
    tables.push(await lookUpAgain(work, late, measured))
    await engine.execute(`DROP TABLE ${late}`)
  }
  await engine.execute(`DROP TABLE ${newest}`)
  return tables
}

async function differInRows({ engine, signal }: Work, one: string, other: string): Promise<boolean> {
  const [answer] = await engine.rows<{ differ: boolean }>(
    `SELECT (SELECT count(*) FROM ${one}) <> (SELECT count(*) FROM ${other}) AS differ`,
    signal,
  )
  return answer?.differ === true
}

async function lookUpAgain(work: Work, late: string, measured: MeasuredGroup | undefined): Promise<string> {
  const { engine, sides, scratch, signal } = work
  const [{ rows } = { rows: 0 }] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${late}`, signal)
  const scan = await scanIsCheaper(engine, sides, rows, measured, signal)
  const known = scan ? knownEventTimeByScan(sides, late) : knownEventTimeByFrontier(sides, late)
  const chosen = `${scratch}_known`
  const found = `${scratch}_again`
  await engine.execute(`CREATE TABLE ${chosen} AS ${known}`, signal)
  await gatherValues(engine, sides, { chosen, into: found, signal })
  await engine.execute(`DROP TABLE ${chosen}`)
  return found
}
