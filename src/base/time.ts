import { FtiError } from './error.ts'
import { baseErrors } from './errors.ts'

const iso = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2}))?$/

/**
 * A moment from ISO 8601: a date (midnight UTC) or a date and time **with a zone**.
 * A time without a zone is refused, for it means another moment on another machine.
 */
export function parseTime(text: string): Date {
  const normal = text.replace(' ', 'T')
  const time = new Date(normal)
  if (!iso.test(text) || !isCalendarDay(text) || Number.isNaN(time.getTime())) {
    throw new FtiError(baseErrors.FTI_TIME_INVALID, {
      message: `'${text}' is not a time with a zone`,
      remedy: 'write it as 2013-03-01T12:00:00Z, or a date such as 2013-03-01 for midnight UTC',
    })
  }
  return time
}

/** False when a text that begins with a date names a day that its month does not have: `Date.parse` takes 30 February for 2 March. */
export function isCalendarDay(text: string): boolean {
  const day = Number(text.slice(8, 10))
  if (day <= 28) return true
  return day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate()
}
