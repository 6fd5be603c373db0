import type { Engine } from '../../engine/index.ts'
import type { GroupReport, JoinedGroup, JoinPlan, JoinRequest } from './join-request.ts'
import { type JoinSample, sampleValues } from './join-sample.ts'
import type { JoinSides } from './join-sides.ts'
import { isWorthComparing, type JoinWindow, openWindow, windowsFor } from './join-window.ts'
import { lastKnownAt, newestKnownByFrontier, newestKnownInWindow } from './known-value.ts'
import { type ValueBounds, valueBounds } from './newest-value.ts'
import { reachableValues } from './reachable-values.ts'

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
  const bounds = await valueBounds(engine, sides, signal)
  const sample = await sampleValues(engine, sides, { bounds, into: `${scratch}_sample`, signal })
  const chosen = `${scratch}_chosen`
  await engine.execute(`CREATE TABLE ${chosen} (_row BIGINT, seq BIGINT)`)
  const windows = asked === 'frontier' ? [] : await windowsFor(engine, sides, { sample, signal })
  const { looked, tooOld } = await lookBack(work, { windows, bounds, sample, always: asked === 'window', chosen })
  await dropTables(work, 'sample')
  const plan: JoinPlan = looked ? 'window' : 'frontier'
  const matched = await count(work, chosen)
  return {
    report: { name: group.name, plan, lateShare: sample.lateShare, matched, tooOld },
    chosen,
    values: sides.values,
  }
}

interface Search {
  readonly windows: readonly JoinWindow[]
  readonly bounds: ValueBounds
  readonly sample: JoinSample
  /** Whatever it costs. */
  readonly always: boolean
  readonly chosen: string
}

/**
 * Adds what spine rows find in one window after the other, each for those that found nothing yet, and in the end by a sort.
 * Returns whether there was a window, and how many rows find only what is too old.
 */
async function lookBack(work: Work, search: Search): Promise<{ looked: boolean; tooOld: number }> {
  const { engine, sides, scratch, signal } = work
  const { windows, bounds, sample, always, chosen } = search
  const into = `${scratch}_window`
  let left = work
  let looked = false
  for (const window of windows) {
    if (looked && !window.coversAll) continue
    const open = await openWindow(engine, left.sides, window, { into, signal })
    if (!always && !(await isWorthComparing(engine, left.sides, open, { sample, signal }))) continue
    const values = await reachableValues(engine, left.sides, { window, bounds, signal })
    await engine.execute(
      `INSERT INTO ${chosen} ${newestKnownInWindow({ ...left.sides, values }, open, bounds)}`,
      signal,
    )
    looked = true
    const rest = await leftOver(left, chosen)
    if (rest === undefined) return { looked, tooOld: 0 }
    left = rest
    if (window.coversAll) return { looked, tooOld: sides.maxAgeUs === undefined ? 0 : await countKnown(left) }
  }
  return { looked, tooOld: await lookBehind(left, chosen) }
}

/** The spine rows that have found nothing yet; undefined where there are none. */
async function leftOver(work: Work, chosen: string): Promise<Work | undefined> {
  const { engine, sides, scratch, signal } = work
  const rest = `${scratch}_rest`
  await engine.execute(
    `CREATE OR REPLACE TABLE ${rest} AS FROM ${sides.spine} ANTI JOIN ${chosen} USING (_row)`,
    signal,
  )
  if ((await count(work, rest)) === 0) return undefined
  return { ...work, sides: { ...sides, spine: rest } }
}

/** Adds what spine rows find by a sort of all values. Returns how many rows find only what is too old. */
async function lookBehind(work: Work, chosen: string): Promise<number> {
  const { engine, sides, scratch, signal } = work
  const frontier = `${scratch}_frontier`
  await engine.execute(
    `CREATE TABLE ${frontier} AS ${newestKnownByFrontier({ ...sides, values: near(sides) })}`,
    signal,
  )
  await engine.execute(`INSERT INTO ${chosen} ${lastKnownAt(frontier, sides)}`, signal)
  const tooOld = await count(work, `${frontier} s WHERE NOT ${sides.isFresh.replaceAll('f.et', 's.et')}`)
  await dropTables(work, 'frontier')
  return tooOld
}

/** The values of entities that the spine names: what is sorted or grouped must not be more than it needs. */
function near({ spine, values, keys }: JoinSides): string {
  return `(SELECT * FROM ${values} SEMI JOIN ${spine} USING (${keys}))`
}

/** Spine rows that know any value at all. */
async function countKnown(work: Work): Promise<number> {
  const { spine, keys, canBeLate } = work.sides
  const known = canBeLate ? 'greatest(et, aa)' : 'et'
  const first = `(SELECT ${keys}, min(${known}) AS moment FROM ${near(work.sides)} GROUP BY ALL)`
  return count(work, `${spine} s JOIN ${first} f USING (${keys}) WHERE f.moment <= s.t`)
}

async function count({ engine, signal }: Work, relation: string): Promise<number> {
  const [found] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${relation}`, signal)
  return found?.rows ?? 0
}

async function dropTables({ engine, scratch }: Work, ...names: string[]): Promise<void> {
  for (const name of names) await engine.execute(`DROP TABLE IF EXISTS ${scratch}_${name}`)
}
