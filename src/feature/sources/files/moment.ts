import type { FileSource } from '../../../contract/index.ts'
import { quoteName, quoteText } from '../../../engine/index.ts'

/** A time of day and behind it a zone; a date such as `2013-01-31` ends like an offset and is none. */
const withZone = String.raw`\d:\d{2}(:\d{2}([.,]\d+)?)? ?([Zz]|UTC|[+-]\d{2}(:\d{2})?)$`

/** A time to the minute with a zone behind it, which DuckDB reads only with its seconds. */
export const toTheMinute = String.raw`([T ]\d{2}:\d{2})( ?(?:[Zz]|UTC|[+-]\d{2}(?::?\d{2})?))$`

/** The zones that are written most. An expression such as `withZone` takes longer than reading the moment does. */
const commonZones = ['Z', '+00', '+00:00']

/** Begins the message of an error that `momentFromText` raises inside a query. */
export const noZone = 'fti: no time zone'
export const noTimestamp = 'fti: no timestamp'

/**
 * SQL that makes a moment of a column of text. A zone that is written counts; without one it is the source's, and
 * without that the query fails: the zone of some machine is not an answer.
 */
export function momentFromText(source: FileSource, column: string): string {
  const text = quoteName(column)
  const fail = (what: string) =>
    `CAST(error(${quoteText(`${what}: ${source.name}: ${column}: `)} || ${text}) AS TIMESTAMPTZ)`
  const isCommon = commonZones.map((zone) => `ends_with(${text}, ${quoteText(zone)})`).join(' OR ')
  const local =
    source.timeZone === undefined ? fail(noZone) : `timezone(${quoteText(source.timeZone)}, CAST(${text} AS TIMESTAMP))`
  const seconds = `regexp_replace(${text}, ${quoteText(toTheMinute)}, '\\1:00\\2')`
  const withSeconds = `TRY_CAST(${seconds} AS TIMESTAMPTZ)`
  return `CASE WHEN ${text} IS NULL THEN NULL
    WHEN TRY_CAST(${text} AS TIMESTAMPTZ) IS NULL THEN coalesce(${withSeconds}, ${fail(noTimestamp)})
    WHEN contains(${text}, ':') AND (${isCommon}) THEN CAST(${text} AS TIMESTAMPTZ)
    WHEN regexp_matches(${text}, ${quoteText(withZone)}) THEN CAST(${text} AS TIMESTAMPTZ) ELSE ${local} END`
}
