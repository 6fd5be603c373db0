import type { FileSource, ValueType } from '../../../contract/index.ts'
import { quoteName, quoteText } from '../../../engine/index.ts'
import { duckdbType } from '../../../store/index.ts'
import type { Sniffed } from './source-reader.ts'

/** Begins the message of an error that `valueFrom` raises inside a query. */
export const noValue = 'fti: no value'

/**
 * SQL that makes the declared type of a column that has another, or nothing where it has that type already. A value that would
 * lose something, such as a fraction as an integer, fails the query.
 */
export function valueFrom(source: FileSource, { name, type }: Sniffed, declared: ValueType): string | undefined {
  const target = duckdbType(declared)
  if (type === target) return undefined
  const column = quoteName(name)
  const cast = `TRY_CAST(${column} AS ${target})`
  const asNumber = `TRY_CAST(${column} AS DOUBLE)`
  const isFraction = /^int/.test(declared) && type !== 'BOOLEAN' ? ` OR ${asNumber} <> trunc(${asNumber})` : ''
  const message = `${quoteText(`${noValue}: ${source.name}: ${name}: ${declared}: `)} || ${column}`
  return `CASE WHEN ${column} IS NULL THEN NULL
    WHEN ${cast} IS NULL${isFraction} THEN CAST(error(${message}) AS ${target}) ELSE ${cast} END AS ${column}`
}
