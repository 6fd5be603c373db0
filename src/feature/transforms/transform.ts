import { didYouMean, FtiError } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import { atFile, type Engine, unknownColumn } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { defineGroupViews, whileReading } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { conditionOn, type Interval, isAllTime } from '../incremental/interval.ts'
import { checkIncrementalColumn, restrictedSelect } from '../incremental/restrict-rows.ts'
import type { GroupInput } from '../run/group-input.ts'
import { sourceError } from '../sources/files/source-error.ts'
import { checkUnchanged, type SourceFiles } from '../sources/files/source-files.ts'
import { defineSourceView } from '../sources/files/source-view.ts'
import { whereIs } from '../sources/where-is.ts'
import type { GroupInputs } from './inputs.ts'
import { runModule } from './run-module.ts'
import { outputSelect } from './window-aggregates.ts'

/** Name of the engine's table that holds what a transform gave. */
export const outputTable = '_output'

export interface TransformWork {
  readonly group: FeatureGroup
  readonly input: GroupInput
  /** The rows to give, in a group that computes only what is new. */
  readonly intervals?: readonly Interval[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** Runs a group's SQL over its sources and the groups that it reads, into `outputTable`. */
export async function runTransform(engine: Engine, project: Project, work: TransformWork): Promise<void> {
  const { group, input } = work
  const { inputs, upstream } = input
  const sources: SourceFiles[] = []
  for (const reading of input.sources) sources.push(await reading.open())
  const columns = new Set(upstream.flatMap(({ snapshot }) => snapshot.schema.map(({ name }) => name)))
  try {
    for (const files of sources) for (const name of await defineSourceView(engine, files)) columns.add(name)
    const snapshots = upstream.map(({ snapshot }) => snapshot)
    await whileReading(snapshots, async () => {
      for (const view of upstream) await defineGroupViews(engine, view)
      await giveOutput(engine, project, work)
    })
  } catch (error) {
    // A file that is being written explains whatever else went wrong.
    await checkUnchanged(sources)
    throw transformError(sourceError(error, sources), inputs, columns)
  }
  await checkUnchanged(sources)
  // A span of time in which nothing happened is no mistake.
  if (work.intervals !== undefined && !work.intervals.some(isAllTime)) return
  const [found] = await engine.rows(`SELECT 1 AS found FROM ${outputTable} LIMIT 1`)
  if (found === undefined) throw noRows(project, group.name, input)
}

async function giveOutput(engine: Engine, project: Project, work: TransformWork): Promise<void> {
  const { group, input, intervals, signal } = work
  const { module } = input.inputs
  const { incremental } = group
  const select = await outputSelect(engine, project, group, input.inputs)
  if (module === undefined) {
    if (incremental) checkIncrementalColumn(project, group, await engine.describe(select))
    const rows = incremental && intervals ? restrictedSelect(select, incremental.column, intervals) : select
    await engine.execute(`CREATE TABLE ${outputTable} AS ${rows}`, signal)
    return
  }
  await runModule(engine, project, group, { module, select, table: outputTable }, signal)
  if (incremental === undefined || intervals === undefined) return
  // Which row the module makes of which is not known before it has.
  checkIncrementalColumn(project, group, await engine.describe(`SELECT * FROM ${outputTable}`))
  const condition = conditionOn(incremental.column, intervals, true)
  if (condition === undefined) return
  // Deleting would leave holes in what the rows are numbered by.
  await engine.execute(
    `CREATE OR REPLACE TABLE ${outputTable} AS SELECT * FROM ${outputTable} WHERE ${condition}`,
    signal,
  )
}

/** What DuckDB says about a transform, with its file and line; a column that no table has, with the nearest that one has. */
export function transformError(
  error: unknown,
  inputs: Pick<GroupInputs, 'place' | 'sql' | 'sources' | 'groups'>,
  columns: Iterable<string>,
): unknown {
  const located = atFile(error, inputs.place)
  const found = error instanceof FtiError ? unknownColumn(error, inputs.sql) : undefined
  if (!(error instanceof FtiError) || found === undefined) return located
  const { column, line } = found
  const owned = [...inputs.sources, ...inputs.groups]
  return new FtiError(featureErrors.FTI_SQL_UNKNOWN_COLUMN, {
    message: `${inputs.place} reads column '${column}', which none of its tables has`,
    place: `${inputs.place}:${line}`,
    remedy: didYouMean(column, columns, `ask the owner of ${owned.join(', ')} what became of it`),
    detail: error.detail,
    data: { column, sources: inputs.sources, groups: inputs.groups },
    cause: error,
  })
}

function noRows(project: Project, group: string, { inputs, sources }: GroupInput): FtiError {
  const read = sources.map(({ source }) => `${source.name} (${whereIs(source, project.directory)})`)
  return new FtiError(featureErrors.FTI_TRANSFORM_EMPTY, {
    message: `the transform of '${group}' gave no rows`,
    place: inputs.place,
    remedy: `look at what it reads: ${[...read, ...inputs.groups].join(', ') || 'nothing'}; nothing was committed`,
    data: { group, sources: inputs.sources, groups: inputs.groups },
  })
}
