import type { Engine } from '../../engine/index.ts'
import type { JoinSides } from './join-sides.ts'

/** The first and the last of something, in whole numbers; text where they are beyond 2^53. */
interface Bounds {
  readonly first: string | number
  readonly last: string | number
}

/** Of a group's values: event and available times in microseconds, and sequences. */
export interface ValueBounds {
  readonly rows: number
  readonly et: Bounds
  readonly aa: Bounds
  readonly seq: Bounds
}

/** From the statistics of the files, as far as they tell. Undefined without values, or where a time is infinite. */
export async function valueBounds(
  engine: Engine,
  { values }: JoinSides,
  signal: AbortSignal | undefined,
): Promise<ValueBounds | undefined> {
  const ends = ['et', 'aa', 'seq'].map((name) => `min(${name}) AS ${name}0, max(${name}) AS ${name}1`)
  const [found] = await engine.rows<Record<string, string | number | null>>(
    `SELECT rows, epoch_us(et0) AS et0, epoch_us(et1) AS et1, epoch_us(aa0) AS aa0, epoch_us(aa1) AS aa1, seq0, seq1
     FROM (SELECT count(*) AS rows, ${ends.join(', ')} FROM ${values})
     WHERE isfinite(et0) AND isfinite(et1) AND isfinite(aa0) AND isfinite(aa1)`,
    signal,
  )
  if (found === undefined) return undefined
  const bounds = (name: string) => ({ first: found[`${name}0`] ?? 0, last: found[`${name}1`] ?? 0 })
  return { rows: Number(found['rows']), et: bounds('et'), aa: bounds('aa'), seq: bounds('seq') }
}

const widest = 2n ** 126n

/**
 * SQL aggregate: the sequence of the greatest (event time, available time, sequence) among values `f`. The three are compared as
 * one whole number of 128 bits where they fit into it side by side; comparing rows costs a third more.
 */
export function newestSequence(bounds: ValueBounds | undefined): string {
  const byRow = 'arg_max(f.seq, row(f.et, f.aa, f.seq))'
  if (bounds === undefined) return byRow
  const size = ({ first, last }: Bounds) => BigInt(last) - BigInt(first) + 1n
  const [aa, seq] = [size(bounds.aa), size(bounds.seq)]
  if (size(bounds.et) * aa * seq > widest) return byRow
  const eventTime = `(epoch_us(f.et) - (${bounds.et.first}))::HUGEINT * ${aa * seq}::HUGEINT`
  const availableAt = `(epoch_us(f.aa) - (${bounds.aa.first}))::HUGEINT * ${seq}::HUGEINT`
  return `arg_max(f.seq, ${eventTime} + ${availableAt} + (f.seq - (${bounds.seq.first})))`
}
