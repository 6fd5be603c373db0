import { formatDuration } from '../../base/index.ts'
import type { Incremental } from '../../contract/index.ts'
import type { IntervalLedger } from '../../store/index.ts'
import { allTime, type Interval, splitInterval, without } from './interval.ts'
import { spanOf, timeOf } from './ledger.ts'

/** Which rows a run goes over: what is new, all of them again, or those of a range that somebody asks for. */
export type RunExtent =
  | { readonly kind: 'new' }
  | { readonly kind: 'full' }
  | { readonly kind: 'range'; readonly range: Interval }

/** Intervals that land in one commit. */
export interface IntervalStep {
  readonly intervals: readonly Interval[]
  /** Why they are computed, for people. */
  readonly why: string
}

export interface IntervalPlan {
  readonly steps: readonly IntervalStep[]
  /** Intervals of the range that were computed from the same input already. */
  readonly done: readonly Interval[]
}

/** What a run computes of a group, given what still holds of its ledger and the digest of its input now. */
export function planIntervals(
  extent: RunExtent,
  { lookbackMs, intervalMs }: Incremental,
  known: IntervalLedger,
  input: string,
): IntervalPlan {
  if (extent.kind === 'full') return { steps: [{ intervals: [allTime], why: 'everything again' }], done: [] }
  if (extent.kind === 'new') return { steps: [newIntervals(known, lookbackMs)], done: [] }
  const done = known.covered.filter((covered) => covered.input === input).map(spanOf)
  const parts = splitInterval(extent.range, intervalMs)
  const isDone = (part: Interval) => without(part, done).length === 0
  const isSeen = (part: Interval) => without(part, known.covered.map(spanOf)).length === 0
  return {
    steps: parts
      .filter((part) => !isDone(part))
      .map((part) => ({
        intervals: [part],
        why: isSeen(part) ? 'computed before, from other input' : 'not computed yet',
      })),
    done: parts.filter(isDone),
  }
}

/**
 * All that is not covered, and the newest rows as far back as late ones may come. Rows are late beside the newest one that was
 * seen, not beside the clock: a source that stands still for a week, or that replays an old year, loses none.
 */
function newIntervals({ covered, newest }: Pick<IntervalLedger, 'covered' | 'newest'>, lookbackMs: number) {
  const spans = covered.map(spanOf)
  const last = Math.min(spans.at(-1)?.to ?? allTime.from, timeOf(newest))
  const tail = { from: last - lookbackMs, to: allTime.to }
  const gaps = without({ from: allTime.from, to: tail.from }, spans)
  // A gap that reaches the tail is one interval with it.
  const intervals = without(allTime, without(allTime, [...gaps, tail]))
  if (last === allTime.from) return { intervals, why: 'nothing is covered yet' }
  const again = lookbackMs === 0 ? 'what is new' : `what is new, and ${formatDuration(lookbackMs)} before it`
  return { intervals, why: gaps.length === 0 ? again : `${again}; and what is not covered` }
}
