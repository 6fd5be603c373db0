import { canonicalJson } from '../../base/index.ts'
import { type Contract, type FeatureGroup, systemColumns } from '../../contract/index.ts'
import { type Engine, inFrom, quoteName, quoteText } from '../../engine/index.ts'
import { duckdbType, type GroupView } from '../../store/index.ts'

/** What the newest contract version knows as deleted, for an older one. */
export interface Deletions {
  /** The values to commit, without those that were deleted. */
  readonly values: string
  /** Deletions as rows of the older version, beside the values; absent when there are none. */
  readonly rows?: string | undefined
  /** Deletions that the older contract has no row for: it marks none, and its features may not be null. */
  readonly refused: number
}

const table = '_deletions'

/**
 * `compat` SQL reads values, so it can say nothing of a key that has none any more. Deletions are taken over beside it, by key and event
 * time; into a static version the keys whose newest row is a deletion. Only of keys that the older version has, or is about to get.
 * Where an older contract marks no deletions, a row without values takes their place.
 */
export async function takeDeletions(
  engine: Engine,
  older: FeatureGroup,
  values: string,
  views: { readonly older: GroupView; readonly newest: GroupView },
  now: Date,
): Promise<Deletions> {
  const select = deletedIn(views.newest, older, now)
  if (select === undefined) return { values, refused: 0 }
  const key = Object.keys(older.entity.key).map(quoteName).join(', ')
  const had = `SELECT ${key} FROM (${views.older.raw}) UNION SELECT ${key} FROM ${inFrom(values)}`
  await engine.execute(`CREATE OR REPLACE TABLE ${table} AS FROM (${select}) SEMI JOIN (${had}) USING (${key})`)
  const [found] = await engine.rows<{ deletions: number }>(`SELECT count(*) AS deletions FROM ${table}`)
  const deletions = Number(found?.deletions ?? 0)
  if (deletions === 0) return { values, refused: 0 }
  if (older.deleted === undefined && older.features.some(({ nullable }) => !nullable))
    return { values, refused: deletions }
  const identity = [...Object.keys(older.entity.key), ...(older.eventTime === undefined ? [] : [older.eventTime])]
  return {
    values: `(FROM ${inFrom(values)} ANTI JOIN ${table} USING (${identity.map(quoteName).join(', ')}))`,
    rows: `(SELECT ${withoutValues(older, identity).join(', ')} FROM ${table})`,
    refused: 0,
  }
}

/** SELECT of what is deleted by the names of the older version; nothing where the two tell their rows apart by other things. */
function deletedIn({ published, raw }: GroupView, older: FeatureGroup, now: Date): string | undefined {
  const { entity, eventTime, deleted }: Contract = published.contract
  const canBeFound = older.eventTime === undefined || eventTime !== undefined
  if (deleted === undefined || !canBeFound || canonicalJson(entity.key) !== canonicalJson(older.entity.key))
    return undefined
  const keys = Object.keys(entity.key).map(quoteName)
  const time = eventTime === undefined ? [] : [quoteName(eventTime)]
  const { availableAt, sequence } = systemColumns
  // Rows from before the mark was declared have none; arg_max would pass over them.
  const mark = `coalesce(${quoteName(deleted)}, false)`
  const isDeleted = (order: readonly string[]) => `arg_max(${mark}, row(${order.join(', ')}))`
  if (older.eventTime !== undefined)
    return `SELECT ${[...keys, `${time[0]} AS ${quoteName(older.eventTime)}`].join(', ')} FROM (${raw})
      GROUP BY ${[...keys, ...time].join(', ')} HAVING ${isDeleted([sequence])}`
  const known = [availableAt, ...time].map((moment) => `${moment} <= TIMESTAMPTZ ${quoteText(now.toISOString())}`)
  return `SELECT ${keys.join(', ')} FROM (${raw}) WHERE ${known.join(' AND ')}
    GROUP BY ${keys.join(', ')} HAVING ${isDeleted([...time, availableAt, sequence])}`
}

function withoutValues({ features, deleted, availability }: FeatureGroup, identity: readonly string[]): string[] {
  const known = availability?.kind === 'column' ? [availability.column] : []
  return [
    ...identity.map(quoteName),
    ...features.map(({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS ${quoteName(name)}`),
    ...(deleted === undefined ? [] : [`true AS ${quoteName(deleted)}`]),
    ...known
      .filter((column) => !identity.includes(column) && features.every(({ name }) => name !== column))
      .map((column) => `NULL::TIMESTAMPTZ AS ${quoteName(column)}`),
  ]
}
