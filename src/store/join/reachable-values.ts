import type { Engine } from '../../engine/index.ts'
import type { JoinSides } from './join-sides.ts'
import type { JoinWindow } from './join-window.ts'
import type { ValueBounds } from './newest-value.ts'

/** A condition costs a little for every value; it is worth that where a tenth of the time or more is out of reach. */
const partWorthLeavingOut = 10n

/**
 * The relation of a group's values without most of those that no spine row can meet in a window, for they lie before or after all
 * of the spine: files and row groups of other times are then not read at all.
 */
export async function reachableValues(
  engine: Engine,
  { spine, values, maxAgeUs, isStatic }: JoinSides,
  { window: { widthUs }, bounds: { times }, signal }: Reach,
): Promise<string> {
  if (isStatic || times === null) return values
  const [found] = await engine.rows<{ first: string | number | null; last: string | number | null }>(
    `SELECT epoch_us(min(t)) AS first, epoch_us(max(t)) AS last FROM ${spine}`,
    signal,
  )
  if (found === undefined || found.first === null || found.last === null) return values
  // A window holds a stretch and the one before, and the stretch around 1970 is twice as wide.
  const backUs = Math.min(maxAgeUs ?? Infinity, widthUs === undefined ? Infinity : 3 * widthUs)
  // Microseconds after the year 2255 are beyond what a number of JavaScript tells apart.
  const [first, last] = [BigInt(times.et.first), BigInt(times.et.last)]
  const reached = backUs === Infinity ? first : BigInt(found.first) - BigInt(backUs)
  const from = reached > first ? reached : first
  const to = BigInt(found.last) < last ? BigInt(found.last) : last
  if (partWorthLeavingOut * (to - from) > (partWorthLeavingOut - 1n) * (last - first)) return values
  return `(SELECT * FROM ${values} WHERE et >= make_timestamptz(${from}) AND et <= make_timestamptz(${to}))`
}

interface Reach {
  readonly window: JoinWindow
  readonly bounds: ValueBounds
  readonly signal: AbortSignal | undefined
}
