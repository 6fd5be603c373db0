/** Columns from the timetable: what the clock and the calendar on the wall in New York say at departure. */
export default function schedule({ scheduled_at }: { scheduled_at: number | null }) {
  if (scheduled_at === null) {
    return { hour: null, hour_sin: null, hour_cos: null, weekday: null, year_sin: null, year_cos: null }
  }
  const local = scheduled_at + newYorkOffset(scheduled_at)
  const hour = (((local % dayMs) + dayMs) % dayMs) / hourMs
  const date = new Date(local)
  const yearShare = (local - Date.UTC(date.getUTCFullYear(), 0)) / (365.25 * dayMs)
  return {
    hour,
    hour_sin: Math.sin((2 * Math.PI * hour) / 24),
    hour_cos: Math.cos((2 * Math.PI * hour) / 24),
    weekday: date.getUTCDay(),
    year_sin: Math.sin(2 * Math.PI * yearShare),
    year_cos: Math.cos(2 * Math.PI * yearShare),
  }
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/**
 * Milliseconds between UTC and the clock in New York, by the rule that holds since 2007: summer time from the
 * second Sunday of March to the first Sunday of November, both at 2:00 of the clock before the change.
 * A rule, not Intl: a third of a million rows pass here, and `tests/schedule.test.ts` compares the two.
 */
function newYorkOffset(at: number): number {
  const year = new Date(at).getUTCFullYear()
  const begins = sundayOf(year, 2, 2) + 7 * hourMs
  const ends = sundayOf(year, 10, 1) + 6 * hourMs
  return (at >= begins && at < ends ? -4 : -5) * hourMs
}

/** Midnight UTC of the nth Sunday of a month (0 is January). */
function sundayOf(year: number, month: number, nth: number): number {
  const first = Date.UTC(year, month, 1)
  const daysToSunday = (7 - new Date(first).getUTCDay()) % 7
  return first + (daysToSunday + 7 * (nth - 1)) * dayMs
}
