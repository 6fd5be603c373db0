import { FtiError, newId, withCleanUp } from '../../base/index.ts'
import { systemColumns } from '../../contract/index.ts'
import { type Engine, inFrom, quoteName } from '../../engine/index.ts'
import { storeErrors } from '../errors.ts'
import { checkJoin, checkTimes } from './check-join.ts'
import { type JoinedValues, joinGroup } from './join-group.ts'
import { type JoinedGroup, type JoinReport, type JoinRequest, sourceColumns } from './join-request.ts'
import { joinSides } from './join-sides.ts'

/**
 * Extends every spine row with the values that were known at its time: among a group's rows of the same key with
 * `event_time <= t` and `available_at <= t`, the greatest (event time, available time, sequence), unless its event time is
 * before `t - maxAge`; static groups know no event time. No such row, or a null key, gives nulls.
 *
 * Creates the table `output`: `_row` (0, 1, … in the order of the spine), the spine's columns, the picked columns.
 * Every spine row is there exactly once, in no promised order. Errors: FTI_SPINE_INVALID, FTI_JOIN_INVALID, FTI_SQL_FAILED.
 */
export async function pointInTimeJoin(engine: Engine, request: JoinRequest): Promise<JoinReport> {
  const { signal } = request
  await checkJoin(engine, request)
  const scratch = `join_${newId().replace('-', '_')}`
  const spine = `${scratch}_spine`
  const join = async () => {
    await engine.execute(
      `CREATE TABLE ${spine} AS SELECT row_number() OVER () - 1 AS _row, * FROM ${inFrom(request.spine)}`,
      signal,
    )
    await checkTimes(engine, spine, request)
    const joined: JoinedValues[] = []
    for (const [index, group] of request.groups.entries()) {
      const sides = joinSides(request, group, spine)
      joined.push(await joinGroup({ engine, sides, scratch: `${scratch}_${index}`, signal }, request, group))
    }
    await engine.execute(`CREATE TABLE ${quoteName(request.output)} AS ${assemble(request, spine, joined)}`, signal)
    return { rows: await countOnce(engine, request.output, spine), groups: joined.map(({ report }) => report) }
  }
  return withCleanUp(join, () => dropTables(engine, scratch))
}

/** Fetches all values in one statement, so that none is copied on its way to the output. */
function assemble(request: JoinRequest, spine: string, joined: readonly JoinedValues[]): string {
  const columns = request.groups.flatMap((group, index) => outputColumns(group, `g${index}`, request.withSources))
  const joins = joined.map(
    ({ chosen, values }, index) =>
      `LEFT JOIN ${chosen} c${index} ON c${index}._row = s._row LEFT JOIN ${values} g${index} ON g${index}.seq = c${index}.seq`,
  )
  return `SELECT ${['s.*', ...columns].join(', ')} FROM ${spine} s ${joins.join(' ')}`
}

function outputColumns(group: JoinedGroup, alias: string, withSources: boolean | undefined): string[] {
  const picks = group.pick.map(({ column }, index) => `${alias}.v${index} AS ${quoteName(column)}`)
  if (!withSources) return picks
  const { eventTime, availableAt } = sourceColumns(group.name)
  const event = group.isStatic ? 'NULL::TIMESTAMPTZ' : `${alias}.et`
  return [...picks, `${event} AS ${quoteName(eventTime)}`, `${alias}.aa AS ${quoteName(availableAt)}`]
}

/** Two values with one sequence would give a spine row twice: such a table was not written by us, or is damaged. */
async function countOnce(engine: Engine, output: string, spine: string): Promise<number> {
  const count = (table: string) => `(SELECT count(*) FROM ${table})`
  const [rows] = await engine.rows<{ spine: number; output: number }>(
    `SELECT ${count(spine)} AS spine, ${count(quoteName(output))} AS output`,
  )
  if (rows?.spine === rows?.output) return rows?.output ?? 0
  await engine.execute(`DROP TABLE ${quoteName(output)}`)
  throw new FtiError(storeErrors.FTI_JOIN_INVALID, {
    message: `${rows?.output} rows came of ${rows?.spine}: values of a group share a ${systemColumns.sequence}`,
    remedy: `find the rows of the joined groups that share a ${systemColumns.sequence}: only fti may write to its tables`,
  })
}

/** Also after an error or a cancellation, so that an engine can be used on. */
async function dropTables(engine: Engine, prefix: string): Promise<void> {
  const tables = await engine.rows<{ name: string }>(
    `SELECT table_name AS name FROM duckdb_tables() WHERE starts_with(table_name, '${prefix}')`,
  )
  for (const { name } of tables) await engine.execute(`DROP TABLE IF EXISTS ${quoteName(name)}`)
}
