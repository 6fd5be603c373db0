import { quoteName, quoteTime } from '../../engine/index.ts'

/** A half-open span of time, in milliseconds since 1970; infinite where it has no end. */
export interface Interval {
  readonly from: number
  readonly to: number
}

/** An interval as people and JSON see it: ISO 8601, null where it has no end. */
export interface IntervalText {
  readonly from: string | null
  readonly to: string | null
}

export const allTime: Interval = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

export function isAllTime({ from, to }: Interval): boolean {
  return from === allTime.from && to === allTime.to
}

/** The smallest interval that holds them all; there is at least one. */
export function hullOf(intervals: readonly Interval[]): Interval {
  return {
    from: Math.min(...intervals.map(({ from }) => from)),
    to: Math.max(...intervals.map(({ to }) => to)),
  }
}

/** What of `whole` is in none of `parts`, in order. */
export function without(whole: Interval, parts: readonly Interval[]): Interval[] {
  let { from } = whole
  const left: Interval[] = []
  for (const part of [...parts].sort((a, b) => a.from - b.from)) {
    if (part.from > from) left.push({ from, to: Math.min(part.from, whole.to) })
    from = Math.max(from, part.to)
  }
  left.push({ from, to: whole.to })
  return left.filter((each) => each.from < each.to)
}

const dayMs = 86_400_000

/**
 * A range in parts that each land in one commit. Their bounds are those of the calendar (UTC) or multiples of the step, whatever the
 * range, so that ranges that overlap share them. Without a step: days, and months where that would be more than 31.
 */
export function splitInterval({ from, to }: Interval, stepMs?: number): Interval[] {
  const step = stepMs ?? (to - from > 31 * dayMs ? undefined : dayMs)
  const parts: Interval[] = []
  for (let start = from; start < to; ) {
    const end = Math.min(to, step === undefined ? nextMonth(start) : (Math.floor(start / step) + 1) * step)
    parts.push({ from: start, to: end })
    start = end
  }
  return parts
}

function nextMonth(time: number): number {
  const date = new Date(time)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
}

export function textOf({ from, to }: Interval): IntervalText {
  const text = (time: number) => (Number.isFinite(time) ? new Date(time).toISOString() : null)
  return { from: text(from), to: text(to) }
}

/**
 * SQL condition that a column lies in one of the intervals; `undefined` where that says nothing. `orNull`: rows without a time are
 * taken too, for the contract to judge; left out in silence they would be lost.
 */
export function conditionOn(column: string, intervals: readonly Interval[], orNull: boolean): string | undefined {
  const name = quoteName(column)
  const spans = intervals.map((interval) => {
    const { from, to } = textOf(interval)
    const bounds = [
      ...(from === null ? [] : [`${name} >= ${quoteTime(from)}`]),
      ...(to === null ? [] : [`${name} < ${quoteTime(to)}`]),
    ]
    return bounds.length === 0 ? undefined : `(${bounds.join(' AND ')})`
  })
  if (spans.includes(undefined)) return undefined
  return `(${[...spans, ...(orNull ? [`${name} IS NULL`] : [])].join(' OR ')})`
}
