import type { Engine } from '../engine/index.ts'
import type { JoinSample } from './join-sample.ts'
import type { JoinSides } from './join-sides.ts'

/**
 * How far back a spine row compares itself with values: each lies in a stretch of `widthUs` microseconds, and a spine row
 * meets those of its own stretch and of the one before. Without a width it meets all values of its entity.
 */
export interface JoinWindow {
  readonly widthUs: number | undefined
  /** Relation `_row, t, k0…` and, where there is a width, `w`: the spine rows, once for each stretch that they look at. */
  readonly spine: string
  /** True where no value lies outside that a spine row could take. */
  readonly coversAll: boolean
}

interface Choice {
  readonly sample: JoinSample
  /** Asked for by name: however many values a spine row would meet. */
  readonly always: boolean
  readonly into: string
  readonly signal: AbortSignal | undefined
}

/** A stretch with about so many values finds nearly every spine row one, and costs less than a sort. */
const valuesAimedFor = 6
const pairsPerRowMax = 32
const pairsMax = 20_000_000

/** Undefined where, by the sample, comparing would cost more than sorting: very many values of an entity at one time. */
export async function chooseWindow(engine: Engine, sides: JoinSides, choice: Choice): Promise<JoinWindow | undefined> {
  const counts = await countPairs(engine, sides, choice)
  const most = Math.max(pairsMax, pairsPerRowMax * counts.spineRows)
  const { spanUs, lagUs } = choice.sample
  let widthUs = (spanUs * valuesAimedFor * counts.spineRows) / Math.max(1, counts.pairs) + lagUs
  if (counts.pairs <= most && widthUs * 2 >= spanUs) return { widthUs: undefined, spine: sides.spine, coversAll: true }
  if (sides.isStatic) return choice.always ? { widthUs: undefined, spine: sides.spine, coversAll: true } : undefined
  // A window that holds all that counts saves a second look, and may be wider for it.
  if (sides.maxAgeUs !== undefined && sides.maxAgeUs <= widthUs * 8) widthUs = Math.max(1, sides.maxAgeUs)
  for (const narrower of [1, 16, 256]) {
    const window = await openWindow(engine, sides, choice, Math.max(1, Math.ceil(widthUs / narrower)))
    if (choice.always || (await pairsIn(engine, sides, choice, window)) <= most) return window
    await engine.execute(`DROP TABLE ${choice.into}`)
  }
  return undefined
}

async function countPairs(
  engine: Engine,
  { spine, keys }: JoinSides,
  { sample, signal }: Choice,
): Promise<{ spineRows: number; pairs: number }> {
  const perEntity = (relation: string) => `(SELECT ${keys}, count(*)::DOUBLE AS n FROM ${relation} GROUP BY ALL)`
  const [counts] = await engine.rows<{ spineRows: number; pairs: number | null }>(
    `SELECT (SELECT count(*) FROM ${spine}) AS "spineRows",
       (SELECT sum(s.n * f.n) FROM ${perEntity(spine)} s JOIN ${perEntity(sample.table)} f USING (${keys})) AS pairs`,
    signal,
  )
  return { spineRows: counts?.spineRows ?? 0, pairs: (counts?.pairs ?? 0) * sample.every }
}

async function openWindow(
  engine: Engine,
  { spine, maxAgeUs }: JoinSides,
  { into, signal }: Choice,
  widthUs: number,
): Promise<JoinWindow> {
  await engine.execute(
    `CREATE TABLE ${into} AS SELECT *, ${stretch('t', widthUs)} - back AS w FROM ${spine}, range(2) r(back)`,
    signal,
  )
  return { widthUs, spine: into, coversAll: maxAgeUs !== undefined && widthUs >= maxAgeUs }
}

/** Number of the stretch that a time lies in. That around 1970 is twice as wide, which loses nothing. */
export function stretch(time: string, widthUs: number): string {
  return `epoch_us(${time}) // ${widthUs}`
}

async function pairsIn(
  engine: Engine,
  { keys }: JoinSides,
  { sample, signal }: Choice,
  { spine, widthUs }: JoinWindow,
): Promise<number> {
  const values = `(SELECT ${keys}, ${stretch('et', widthUs ?? 1)} AS w FROM ${sample.table} WHERE isfinite(et))`
  const [found] = await engine.rows<{ pairs: number }>(
    `SELECT count(*)::DOUBLE AS pairs FROM ${values} f JOIN ${spine} s USING (${keys}, w)`,
    signal,
  )
  return (found?.pairs ?? 0) * sample.every
}
