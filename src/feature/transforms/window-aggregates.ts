import { didYouMean, FtiError } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { duckdbType } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import type { GroupInputs } from './inputs.ts'
import { Moments } from './window-moments.ts'

/**
 * What a group's transform gives in the end: its SQL, or the declared windows over it, with one row for each key and event time
 * that occurs. Such a row is known when the last of the rows in its longest window is.
 *
 * The relations that the SQL reads must be defined. Errors: FTI_AGGREGATE_COLUMN, and those of the SQL.
 */
export async function outputSelect(
  engine: Engine,
  project: Pick<Project, 'locate'>,
  group: FeatureGroup,
  { sql }: Pick<GroupInputs, 'sql'>,
): Promise<string> {
  const { aggregates, eventTime } = group
  if (aggregates === undefined || eventTime === undefined) return sql
  const types = new Map((await engine.describe(sql)).map(({ name, type }) => [name, type]))
  checkColumns(project, group, types)
  const keys = Object.keys(group.entity.key).map(quoteName)
  const moment = [...keys, quoteName(eventTime)]
  const overs = [...new Set(Object.values(aggregates).map(({ overMs }) => overMs))].sort((a, b) => a - b)
  const windows = overs.map(
    (overMs, index) =>
      `w${index} AS (PARTITION BY ${keys.join(', ')} ORDER BY ${quoteName(eventTime)}
         RANGE BETWEEN to_milliseconds(${overMs}) PRECEDING AND CURRENT ROW)`,
  )
  const moments = new Moments(types)
  const output = group.features.flatMap(({ name, type }) => {
    const aggregate = aggregates[name]
    if (aggregate === undefined) return []
    const { sql: value, isWhole } = moments.over(aggregate, `w${overs.indexOf(aggregate.overMs)}`)
    // Whole numbers may be declared as narrow as they are; one that does not fit is an error, never cut off.
    const fits = isWhole && (type === 'int32' || type === 'int64') ? `CAST(${value} AS ${duckdbType(type)})` : value
    return `${fits} AS ${quoteName(name)}`
  })
  if (group.availability?.kind === 'column' && group.availability.column !== eventTime) {
    const column = quoteName(group.availability.column)
    // One row of unknown availability makes that of the whole window unknown, which the contract refuses.
    const known = `max(${moments.keep(`max(${column})`)}) OVER w${overs.length - 1}`
    const unknown = `max(${moments.keep(`count(*) - count(${column})`)}) OVER w${overs.length - 1}`
    output.push(`CASE WHEN ${unknown} = 0 THEN ${known} END AS ${column}`)
  }
  return `SELECT ${[...moment, ...output].join(', ')}
    FROM (SELECT ${[...moment, ...moments.kept()].join(', ')} FROM (${sql}\n) GROUP BY ${moment.join(', ')})
    WINDOW ${windows.join(', ')}`
}

function checkColumns(project: Pick<Project, 'locate'>, group: FeatureGroup, types: ReadonlyMap<string, string>): void {
  for (const [feature, { columns }] of Object.entries(group.aggregates ?? {})) {
    const missing = columns.find((column) => column !== '*' && !types.has(column))
    if (missing === undefined) continue
    throw new FtiError(featureErrors.FTI_AGGREGATE_COLUMN, {
      message: `the aggregate of '${feature}' reads column '${missing}', which the transform of '${group.name}' does not give`,
      place: project.locate(['featureGroups', group.name, 'features', feature, 'aggregate']),
      remedy: didYouMean(missing, types.keys(), `select ${missing} in the SQL`),
      data: { group: group.name, feature, column: missing, columns: [...types.keys()] },
    })
  }
}
