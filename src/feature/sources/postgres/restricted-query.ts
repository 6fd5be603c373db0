import type { FieldDef } from 'pg'
import { didYouMean, FtiError } from '../../../base/index.ts'
import type { PostgresSource } from '../../../contract/index.ts'
import { quoteName, quoteText } from '../../../engine/index.ts'
import { featureErrors } from '../../errors.ts'
import { type Interval, textOf } from '../../incremental/interval.ts'
import { typeOfField } from './type-of-field.ts'

export interface Query {
  readonly query: string
  readonly fields: readonly FieldDef[]
  /** Rows of this time are needed; all where it is absent. */
  readonly span: Interval | undefined
}

/** The query without rows that the run does not need; those without a time stay. Errors: FTI_INCREMENTAL_COLUMN. */
export function restricted(source: PostgresSource, { query, fields, span }: Query): string {
  if (source.incremental === undefined || span === undefined) return query
  const { column } = source.incremental
  const field = fields.find(({ name }) => name === column)
  const type = field && typeOfField(field)
  if (type !== 'DATE' && !type?.startsWith('TIMESTAMP')) throw noTime(source, fields, type)
  const name = quoteName(column)
  const { from, to } = textOf(span)
  const bounds = [
    ...(from === null ? [] : [`${name} >= ${bound(source, from, type === 'TIMESTAMP' ? '-' : undefined)}`]),
    ...(to === null ? [] : [`${name} < ${bound(source, to, type === 'TIMESTAMP' ? '+' : undefined)}`]),
  ]
  if (bounds.length === 0) return query
  return `SELECT * FROM (${query}\n) AS rows WHERE (${bounds.join(' AND ')}) OR ${name} IS NULL`
}

/**
 * A local time is met twice when clocks are set back, so local bounds leave an hour; and where only the SQL of the groups knows the
 * zone, as much as any zone was ever away from UTC.
 */
function bound({ timeZone }: PostgresSource, iso: string, local: '-' | '+' | undefined): string {
  const moment = `TIMESTAMPTZ ${quoteText(iso)}`
  if (local === undefined) return moment
  const margin = `INTERVAL '${timeZone === undefined ? 16 : 1} hours'`
  return `(${moment} AT TIME ZONE ${quoteText(timeZone ?? 'UTC')}) ${local} ${margin}`
}

function noTime({ name, incremental }: PostgresSource, fields: readonly FieldDef[], type: string | undefined) {
  const { column = '' } = incremental ?? {}
  const times = fields.filter((field) => /^(DATE|TIMESTAMP)/.test(typeOfField(field))).map((field) => field.name)
  return new FtiError(featureErrors.FTI_INCREMENTAL_COLUMN, {
    message: `source '${name}' is fetched by '${column}', which ${type === undefined ? 'it does not have' : 'holds no time'}`,
    place: `sources.${name}.incremental.column`,
    remedy: didYouMean(column, times, `name one of its columns with times: ${times.join(', ') || 'it has none'}`),
    data: { source: name, column },
  })
}
