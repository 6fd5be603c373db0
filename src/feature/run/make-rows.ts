import { type TaskReporter, throwIfCancelled } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { duckdbType } from '../../store/index.ts'
import { type Validation, validateRows } from '../contract/validate.ts'
import { checkSchema, type ExpectedColumn, type Sample } from '../transforms/check-schema.ts'
import { checkedTable } from '../transforms/inputs.ts'
import { outputTable, runTransform } from '../transforms/transform.ts'
import type { GroupInput } from './group-input.ts'

/** The rows of `checkedTable`, and where each lies in the table of the transform's output. */
export const numberedTable = '_numbered'
export const numberColumn = '_row'

/** The rows that a group makes of its input, held against its contract. Writes nothing: a run commits them, a test compares them. */
export async function makeRows(
  engine: Engine,
  project: Project,
  group: FeatureGroup,
  input: GroupInput,
  {
    clock,
    task,
    signal,
  }: { readonly clock: () => Date; readonly task: TaskReporter; readonly signal?: AbortSignal | undefined },
): Promise<Validation> {
  task.update('transforming')
  await runTransform(engine, project, group, input, signal)
  const given = await engine.describe(`SELECT * FROM ${outputTable}`)
  const items = await checkSchema(project, group, given, (column) => sampleOf(engine, column))
  await engine.execute(`CREATE VIEW ${checkedTable} AS SELECT ${items} FROM ${outputTable}`)
  await engine.execute(`CREATE VIEW ${numberedTable} AS SELECT ${items}, rowid AS ${numberColumn} FROM ${outputTable}`)
  task.update('checking the contract')
  const validation = await validateRows(engine, group, checkedTable, clock(), input.inputs.place)
  throwIfCancelled(signal)
  return validation
}

/** A value that is not of the declared type; where each could be taken for one, the first. */
async function sampleOf(engine: Engine, column: ExpectedColumn): Promise<Sample | undefined> {
  const target = duckdbType(column.type)
  const name = quoteName(column.name)
  const [sample] = await engine.rows<{ value: string; row: number }>(
    `SELECT CAST(${name} AS VARCHAR) AS value, row FROM (SELECT ${name}, row_number() OVER () AS row FROM ${outputTable})
     WHERE ${name} IS NOT NULL ORDER BY (TRY_CAST(CAST(${name} AS VARCHAR) AS ${target}) IS NOT NULL), row LIMIT 1`,
  )
  return sample
}
