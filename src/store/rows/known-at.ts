import { systemColumns } from '../../contract/index.ts'
import { quoteName, quoteText } from '../../engine/index.ts'
import { isValue } from '../delta/stored-column.ts'
import type { GroupView } from '../group-view.ts'

/**
 * SELECT of the value of each key that was true and known at a moment, all columns: the same choice that the
 * point-in-time join makes for a spine row of that time, but for `maxAge`, which readers apply against their own clock.
 * @param only SQL condition that limits the rows, such as one on the entity key
 */
export function knownAt(view: GroupView, moment: Date, only?: string): string {
  const { entity, eventTime } = view.published.contract
  const at = `TIMESTAMPTZ ${quoteText(moment.toISOString())}`
  const times = eventTime === undefined ? [] : [quoteName(eventTime)]
  const order = [...times, systemColumns.availableAt, systemColumns.sequence]
  const known = [systemColumns.availableAt, ...times].map((column) => `${column} <= ${at}`)
  const key = Object.keys(entity.key).map(quoteName)
  // What was deleted is chosen like a value, and then is none.
  const values = isValue(view.published.contract)
  const asked = only === undefined ? known : [...known, only]
  const newest = `SELECT max_by(${systemColumns.sequence}, row(${order.join(', ')})) FROM (${view.raw})
    WHERE ${asked.join(' AND ')} GROUP BY ${key.join(', ')}`
  // A sequence names one row of the table. Looking for the newest one of each key and then for its row reads few
  // columns twice; numbering whole rows by a window would sort all of them.
  const chosen = `${systemColumns.sequence} IN (${newest})`
  return `SELECT * FROM (${view.raw}) WHERE ${values === undefined ? chosen : `${chosen} AND ${values}`}`
}
