import { FtiError } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import { atFile, type Engine, quoteName } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { duckdbType, latestContract, listGroups } from '../../store/index.ts'
import { bindCompat } from '../compat/bind-compat.ts'
import { checkIncrementalColumn } from '../incremental/restrict-rows.ts'
import { openProjectEngine } from '../project-engine.ts'
import { withSourceChanges } from '../run/impact.ts'
import { compareSources, lastSourceColumns, sourceColumns } from '../sources/source-changes.ts'
import { checkSchema, expectedColumns } from './check-schema.ts'
import { EmptyRelations } from './empty-relations.ts'
import { checkedTable, findInputs, type GroupInputs } from './inputs.ts'
import { transformError } from './transform.ts'
import { outputSelect } from './window-aggregates.ts'

/** What can be known of a group's SQL without running it. */
export interface GroupBinding {
  readonly group: string
  /** Groups that its SQL reads; none when the SQL cannot be understood. */
  readonly reads: readonly string[]
  /** Where SQL and contract do not fit. Each carries its place in the project file or in the SQL. */
  readonly problems: readonly FtiError[]
  /** Why its columns could not be told, such as a source whose file is not there. */
  readonly notChecked?: string | undefined
}

/**
 * Binds each transform over empty relations that have the columns of its sources and groups, and holds the columns that it would
 * give against the contract. Runs no project SQL; of sources it reads what it takes to tell their types.
 */
export async function bindTransforms(
  project: Project,
  groups: Iterable<FeatureGroup> = project.groups.values(),
): Promise<GroupBinding[]> {
  const engine = await openProjectEngine(project)
  try {
    const published = await listGroups(project.store)
    const relations = new EmptyRelations(engine, project)
    const bindings: GroupBinding[] = []
    for (const group of groups) bindings.push(await bindGroup(engine, project, group, published, relations))
    return bindings
  } finally {
    await engine.close()
  }
}

/** Throws what is wrong with the SQL of one group. */
export async function refuseUnbound(project: Project, group: FeatureGroup): Promise<void> {
  const [binding] = await bindTransforms(project, [group])
  if (binding?.problems[0]) throw binding.problems[0]
}

async function bindGroup(
  engine: Engine,
  project: Project,
  group: FeatureGroup,
  published: readonly string[],
  relations: EmptyRelations,
): Promise<GroupBinding> {
  const problems: FtiError[] = []
  const inputs = await expected(problems, () => findInputs(engine, project, group, published))
  if (inputs === undefined) return { group: group.name, reads: [], problems }
  for (const compat of group.compat ?? []) await expected(problems, () => bindCompat(engine, project, group, compat))
  const reads = inputs.groups
  const before = problems.length
  const notChecked = await expected(problems, () => relations.define(inputs))
  if (notChecked !== undefined || problems.length > before) return { group: group.name, reads, problems, notChecked }
  await expected(problems, () => bindTransform(engine, project, group, inputs, relations))
  await expected(problems, () => bindExpectations(engine, project, group))
  return { group: group.name, reads, problems }
}

/** What the work gives, or undefined and one more problem. */
async function expected<T>(problems: FtiError[], work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    problems.push(error)
    return undefined
  }
}

async function bindTransform(
  engine: Engine,
  project: Project,
  group: FeatureGroup,
  inputs: GroupInputs,
  relations: EmptyRelations,
): Promise<void> {
  const describe = async () => engine.describe(await outputSelect(engine, project, group, inputs))
  const given = await describe().catch(async (error: unknown) => {
    const told = transformError(error, inputs, relations.columnsOf(inputs))
    throw withSourceChanges(told, await changesOf(engine, project, group, inputs))
  })
  // What a module returns is known when it runs, and it is not run here.
  if (group.transform.module !== undefined) return
  await checkSchema(project, group, given)
  checkIncrementalColumn(project, group, given)
}

/** What became of the sources since the last commit, as a run would tell it. */
async function changesOf(engine: Engine, project: Project, { name }: FeatureGroup, { sources }: GroupInputs) {
  const newest = await latestContract(project.store, name)
  const before = newest === undefined ? {} : await lastSourceColumns(project.store, name, newest.version)
  return compareSources(before, await sourceColumns(engine, sources))
}

/** Binds each condition as a run will ask it: over the declared columns alone. */
async function bindExpectations(engine: Engine, project: Project, group: FeatureGroup): Promise<void> {
  const { rows, batch } = group.expectations
  if (rows.length + batch.length === 0) return
  const columns = expectedColumns(group).map(
    ({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS ${quoteName(name)}`,
  )
  await engine.execute(`CREATE OR REPLACE VIEW ${checkedTable} AS SELECT ${columns.join(', ')} WHERE false`)
  const questions = [
    ...rows.map((condition, index) => ({ sql: `SELECT count_if((${condition}) IS FALSE)`, path: ['rows', index] })),
    ...batch.map((condition, index) => ({ sql: `SELECT (${condition})`, path: ['batch', index] })),
  ]
  for (const { sql, path } of questions) {
    await engine.describe(`${sql} FROM ${checkedTable}`).catch((error: unknown) => {
      throw atFile(error, project.locate(['featureGroups', group.name, 'expect', ...path]))
    })
  }
}
