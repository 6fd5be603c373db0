import type { Engine } from '../../engine/index.ts'
import type { JoinSample } from './join-sample.ts'
import type { JoinSides } from './join-sides.ts'

/**
 * How far back spine rows compare themselves with values: time is cut into stretches of `widthUs` microseconds, and a spine row
 * meets the values of its own stretch and of the one before. Without a width it meets all values of its entity.
 */
export interface JoinWindow {
  readonly widthUs: number | undefined
  /** True where no value lies outside that a spine row could take. */
  readonly coversAll: boolean
}

/** Spine rows as they look through a window: relation `_row, t, k0…` and, where it has a width, `w`, once for each stretch. */
export interface OpenWindow {
  readonly window: JoinWindow
  readonly spine: string
}

interface Look {
  readonly sample: JoinSample
  readonly signal: AbortSignal | undefined
}

/** Stretches with about so many values find most spine rows one; the others look again, further back. */
const valuesAimedFor = 2
const pairsPerRowMax = 32
const pairsMax = 20_000_000

/**
 * Windows to try for a spine, by the sample: narrow ones first, of which one is enough, then the one that holds all that can count.
 * A narrow one is as wide as it takes to find values, which includes the time until they are known.
 */
export async function windowsFor(engine: Engine, sides: JoinSides, look: Look): Promise<JoinWindow[]> {
  const all: JoinWindow = {
    widthUs: sides.maxAgeUs === undefined ? undefined : Math.max(1, sides.maxAgeUs),
    coversAll: true,
  }
  const { spanUs, lagUs } = look.sample
  if (sides.isStatic || spanUs === 0) return [{ widthUs: undefined, coversAll: true }]
  const rows = await countRows(engine, sides.spine, look.signal)
  const pairs = await countPairs(
    engine,
    sides,
    { window: { widthUs: undefined, coversAll: true }, spine: sides.spine },
    look,
  )
  const widthUs = Math.ceil((spanUs * valuesAimedFor * rows) / Math.max(1, pairs) + lagUs)
  if (widthUs * 2 >= Math.min(spanUs, sides.maxAgeUs ?? spanUs)) return [all]
  // Where very many values share a moment, only a much narrower window is worth opening.
  const narrow = [1, 16, 256].map((part) => ({ widthUs: Math.max(1, Math.ceil(widthUs / part)), coversAll: false }))
  return [...narrow, all]
}

/** Makes the table `into` where the window has a width. */
export async function openWindow(
  engine: Engine,
  { spine }: JoinSides,
  window: JoinWindow,
  { into, signal }: { into: string; signal: AbortSignal | undefined },
): Promise<OpenWindow> {
  const { widthUs } = window
  if (widthUs === undefined) return { window, spine }
  await engine.execute(
    `CREATE OR REPLACE TABLE ${into} AS SELECT *, ${stretch('t', widthUs)} - back AS w FROM ${spine}, range(2) r(back)`,
    signal,
  )
  return { window, spine: into }
}

/** Number of the stretch that a time lies in. That around 1970 is twice as wide, which loses nothing. */
export function stretch(time: string, widthUs: number): string {
  return `epoch_us(${time}) // ${widthUs}`
}

/** By the sample: whether comparing costs less than sorting, which it does not where an entity has very many values at one time. */
export async function isWorthComparing(
  engine: Engine,
  sides: JoinSides,
  open: OpenWindow,
  look: Look,
): Promise<boolean> {
  const rows = await countRows(engine, sides.spine, look.signal)
  return (await countPairs(engine, sides, open, look)) <= Math.max(pairsMax, pairsPerRowMax * rows)
}

/** How many pairs of spine row and value meet in a window, before times are compared. */
async function countPairs(
  engine: Engine,
  { keys }: JoinSides,
  { window: { widthUs }, spine }: OpenWindow,
  { sample, signal }: Look,
): Promise<number> {
  const by = widthUs === undefined ? keys : `${keys}, w`
  const values =
    widthUs === undefined
      ? sample.table
      : `(SELECT ${keys}, ${stretch('et', widthUs)} AS w FROM ${sample.table} WHERE isfinite(et))`
  // Values are counted first: where one entity has them all, the pairs themselves would be too many to make.
  const [found] = await engine.rows<{ pairs: number | null }>(
    `SELECT sum(f.n)::DOUBLE AS pairs
     FROM ${spine} s JOIN (SELECT ${by}, count(*) AS n FROM ${values} GROUP BY ALL) f USING (${by})`,
    signal,
  )
  return (found?.pairs ?? 0) * sample.every
}

async function countRows(engine: Engine, relation: string, signal: AbortSignal | undefined): Promise<number> {
  const [found] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${relation}`, signal)
  return found?.rows ?? 0
}
