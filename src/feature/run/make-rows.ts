import { type TaskReporter, throwIfCancelled } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { duckdbType } from '../../store/index.ts'
import { type Validation, validateRows } from '../contract/validate.ts'
import { checkSchema, type ExpectedColumn, type Sample } from '../transforms/check-schema.ts'
import { checkedTable } from '../transforms/inputs.ts'
import { outputTable, runTransform, type TransformWork } from '../transforms/transform.ts'
import type { GroupInput } from './group-input.ts'

/** The rows of `checkedTable`, and where each lies in the table of the transform's output; only where it has all of that. */
export const numberedTable = '_numbered'
export const numberColumn = '_row'

/** The rows that a group makes of its input, held against its contract. Writes nothing: a test compares them. */
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
  const items = await transformRows(engine, project, { group, input, signal })
  task.update('checking the contract')
  const validation = await checkRows(engine, group, { input, items, rows: outputTable, now: clock() })
  throwIfCancelled(signal)
  return validation
}

/** Runs the transform, and gives the SELECT list that makes the declared columns of what it gave. */
export async function transformRows(engine: Engine, project: Project, work: TransformWork): Promise<string> {
  await runTransform(engine, project, work)
  const given = await engine.describe(`SELECT * FROM ${outputTable}`)
  return checkSchema(project, work.group, given, (column) => sampleOf(engine, column))
}

export interface RowsToCheck {
  readonly input: GroupInput
  /** What `transformRows` gave. */
  readonly items: string
  /** Relation of the transform's rows, or of some of them. */
  readonly rows: string
  readonly now: Date
  /** They are a small part of a feed, of which the contract may refuse all. */
  readonly isPart?: boolean | undefined
}

/** Holds rows against the contract; they are `checkedTable` then. In no rows there is nothing that an expectation could be about. */
export async function checkRows(
  engine: Engine,
  group: FeatureGroup,
  { input, items, rows, now, isPart }: RowsToCheck,
): Promise<Validation> {
  await engine.execute(`CREATE OR REPLACE VIEW ${checkedTable} AS SELECT ${items} FROM ${rows}`)
  if (rows === outputTable)
    await engine.execute(`CREATE VIEW ${numberedTable} AS SELECT ${items}, rowid AS ${numberColumn} FROM ${rows}`)
  const [found] = await engine.rows(`SELECT 1 AS found FROM ${rows} LIMIT 1`)
  if (found === undefined) return { rows: 0, violations: [], accepted: checkedTable, refusedRows: 0 }
  return validateRows(engine, group, checkedTable, now, input.inputs.place, isPart)
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
