import type { Engine } from '../engine/index.ts'
import type { GroupReport, JoinedGroup, JoinPlan, JoinRequest } from './join-request.ts'
import { sampleValues } from './join-sample.ts'
import type { JoinSides } from './join-sides.ts'
import { chooseWindow, type JoinWindow } from './join-window.ts'
import { lastKnownAt, newestKnownByFrontier, newestKnownInWindow } from './known-value.ts'

export interface JoinedValues {
  readonly report: GroupReport
  /** Table `_row, seq`: which value each spine row takes that has one. */
  readonly chosen: string
  /** Relation `k0…, et, aa, seq, v0…`. */
  readonly values: string
}

interface Work {
  readonly engine: Engine
  readonly sides: JoinSides
  /** Prefix of the tables that this makes; the caller drops them. */
  readonly scratch: string
  readonly signal: AbortSignal | undefined
}

/** Finds for every row of the spine which value of one group it takes. */
export async function joinGroup(work: Work, request: JoinRequest, group: JoinedGroup): Promise<JoinedValues> {
  const { engine, sides, scratch, signal } = work
  const asked = request.plan ?? 'auto'
  const sample = await sampleValues(engine, sides, { into: `${scratch}_sample`, signal })
  const choice = { sample, always: asked === 'window', into: `${scratch}_window`, signal }
  const window = asked === 'frontier' ? undefined : await chooseWindow(engine, sides, choice)
  const chosen = `${scratch}_chosen`
  await engine.execute(`CREATE TABLE ${chosen} (_row BIGINT, seq BIGINT)`)
  const tooOld = window ? await lookInWindow(work, window, chosen) : await lookBehind(work, chosen)
  await dropTables(work, 'sample', 'window')
  const plan: JoinPlan = window ? 'window' : 'frontier'
  const matched = await count(work, chosen)
  return {
    report: { name: group.name, plan, lateShare: sample.lateShare, matched, tooOld },
    chosen,
    values: sides.values,
  }
}

/**
 * Adds what spine rows find in the window, and, where that need not be all, what lies before it. Returns how many rows find only
 * what is too old.
 */
async function lookInWindow(work: Work, window: JoinWindow, chosen: string): Promise<number> {
  const { engine, sides, scratch, signal } = work
  await engine.execute(`INSERT INTO ${chosen} ${newestKnownInWindow(sides, window)}`, signal)
  if (window.coversAll && sides.maxAgeUs === undefined) return 0
  const rest = `${scratch}_rest`
  await engine.execute(`CREATE TABLE ${rest} AS FROM ${sides.spine} ANTI JOIN ${chosen} USING (_row)`, signal)
  if ((await count(work, rest)) === 0) return 0
  const near = `(SELECT * FROM ${sides.values} SEMI JOIN ${rest} USING (${sides.keys}))`
  const left: Work = { ...work, sides: { ...sides, spine: rest, values: near } }
  const tooOld = window.coversAll ? await countKnown(left) : await lookBehind(left, chosen)
  await dropTables(work, 'rest')
  return tooOld
}

/** Adds what spine rows find by a sort of all values. Returns how many rows find only what is too old. */
async function lookBehind(work: Work, chosen: string): Promise<number> {
  const { engine, sides, scratch, signal } = work
  const frontier = `${scratch}_frontier`
  await engine.execute(`CREATE TABLE ${frontier} AS ${newestKnownByFrontier(sides)}`, signal)
  await engine.execute(`INSERT INTO ${chosen} ${lastKnownAt(frontier, sides)}`, signal)
  const tooOld = await count(work, `${frontier} s WHERE NOT ${sides.isFresh.replaceAll('f.et', 's.et')}`)
  await dropTables(work, 'frontier')
  return tooOld
}

/** Spine rows that know any value at all. */
async function countKnown(work: Work): Promise<number> {
  const { spine, values, keys, canBeLate } = work.sides
  const known = canBeLate ? 'greatest(et, aa)' : 'et'
  const first = `(SELECT ${keys}, min(${known}) AS moment FROM ${values} GROUP BY ALL)`
  return count(work, `${spine} s JOIN ${first} f USING (${keys}) WHERE f.moment <= s.t`)
}

async function count({ engine, signal }: Work, relation: string): Promise<number> {
  const [found] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${relation}`, signal)
  return found?.rows ?? 0
}

async function dropTables({ engine, scratch }: Work, ...names: string[]): Promise<void> {
  for (const name of names) await engine.execute(`DROP TABLE IF EXISTS ${scratch}_${name}`)
}
