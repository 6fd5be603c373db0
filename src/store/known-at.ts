import { systemColumns } from '../contract/index.ts'
import { quoteName, quoteText } from '../engine/index.ts'
import type { GroupView } from './group-view.ts'

/**
 * SELECT of the value of each key that was true and known at a moment, all columns: the same choice that the
 * point-in-time join makes for a spine row of that time, but for `maxAge`, which readers apply against their own clock.
 * @param only SQL condition that limits the rows, such as one on the entity key
 */
export function knownAt(view: GroupView, moment: Date, only?: string): string {
  const { entity, eventTime } = view.published.contract
  const at = `TIMESTAMPTZ ${quoteText(moment.toISOString())}`
  const times = eventTime === undefined ? [] : [quoteName(eventTime)]
  const order = [...times, systemColumns.availableAt, systemColumns.sequence].map((column) => `${column} DESC`)
  const known = [systemColumns.availableAt, ...times].map((column) => `${column} <= ${at}`)
  const key = Object.keys(entity.key).map(quoteName)
  return `SELECT * FROM (${view.raw}) WHERE ${[...known, ...(only === undefined ? [] : [only])].join(' AND ')}
    QUALIFY row_number() OVER (PARTITION BY ${key.join(', ')} ORDER BY ${order.join(', ')}) = 1`
}
