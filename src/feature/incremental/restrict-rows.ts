import { didYouMean, FtiError } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import { type Engine, quoteName, quoteTime } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { valueTypeOf } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { conditionOn, type Interval } from './interval.ts'

interface GivenColumn {
  readonly name: string
  /** DuckDB's. */
  readonly type: string
}

/** What a transform gives has the column by which it is computed in parts, and times in it. Errors: FTI_INCREMENTAL_COLUMN. */
export function checkIncrementalColumn(
  project: Pick<Project, 'locate'>,
  { name: group, incremental }: FeatureGroup,
  given: readonly GivenColumn[],
): void {
  if (incremental === undefined) return
  const { column } = incremental
  const found = given.find(({ name }) => name === column)
  const type = found && valueTypeOf(found.type)
  if (type === 'timestamp' || type === 'date') return
  const times = given
    .filter(({ type }) => ['timestamp', 'date'].includes(valueTypeOf(type) ?? ''))
    .map(({ name }) => name)
  throw new FtiError(featureErrors.FTI_INCREMENTAL_COLUMN, {
    message:
      found === undefined
        ? `'${group}' is incremental by '${column}', which its transform does not give`
        : `'${group}' is incremental by '${column}', which is ${found.type}, not a time with a zone`,
    place: project.locate(['featureGroups', group, 'incremental', 'column']),
    remedy: didYouMean(column, times, `let the transform give ${column} as a timestamp with a time zone, or as a date`),
    data: { group, column, given: given.map(({ name }) => name) },
  })
}

/** A SELECT without the rows outside of the intervals. Its windows still see them. */
export function restrictedSelect(select: string, column: string, intervals: readonly Interval[]): string {
  const condition = conditionOn(column, intervals, true)
  return condition === undefined ? select : `SELECT * FROM (${select}\n) WHERE ${condition}`
}

/**
 * The latest time of a relation, in milliseconds since 1970; undefined where there is none. One after `now` is left out: were it
 * taken for the newest, rows that come on time would be older than rows may come late.
 */
export async function newestTime(
  engine: Engine,
  relation: string,
  column: string,
  now: Date,
): Promise<number | undefined> {
  const time = `CAST(${quoteName(column)} AS TIMESTAMPTZ)`
  const isPast = `isfinite(${time}) AND ${time} <= ${quoteTime(now.toISOString())}`
  const [found] = await engine.rows<{ newest: number | string | null }>(
    `SELECT epoch_ms(max(${time}) FILTER (${isPast})) AS newest FROM ${relation}`,
  )
  const newest = found?.newest ?? null
  return newest === null ? undefined : Number(newest)
}
