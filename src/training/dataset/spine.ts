import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { didYouMean, FtiError, sha256 } from '../../base/index.ts'
import type { Contract, Model, ValueType } from '../../contract/index.ts'
import { atFile, type Engine, quoteName, type SelectStatement, unknownColumn } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { defineGroupViews, duckdbType, type GroupView, openGroup, type Pin } from '../../store/index.ts'
import { trainingErrors } from '../errors.ts'

/** The groups that a model's training data is made of, each opened at one snapshot. */
export interface TrainingSources {
  /** Every group that the spine, the view or the label reads, by name. */
  readonly groups: ReadonlyMap<string, GroupView>
  readonly spineSql: string
  readonly spineDigest: string
}

const historySuffix = '__history'

/** Opens the groups at their newest snapshots (or the pinned ones) and makes those that the spine reads visible to it. */
export async function openTrainingSources(
  engine: Engine,
  project: Project,
  model: Model,
  pins: ReadonlyMap<string, Pin> = new Map(),
): Promise<TrainingSources> {
  const place = relative(project.directory, model.spine)
  const select = await engine.inspectSelect(await readSpine(model.spine, place), place)
  const inSpine = select.tables.map((table) => groupOf(table))
  refuseSources(project, inSpine, select.tableFunctions, place)
  const names = new Set([...inSpine, ...model.features.map((selection) => selection.group), model.label.group])
  const groups = new Map<string, GroupView>()
  for (const name of names) {
    const declared = model.features.find((selection) => selection.group === name)?.contractVersion
    groups.set(name, await openGroup(project.store, name, { contractVersion: declared, ...pins.get(name) }))
  }
  for (const name of new Set(inSpine)) {
    const view = groups.get(name)
    if (view) await defineGroupViews(engine, view)
  }
  checkPicks(project, model, groups)
  return { groups, spineSql: select.text, spineDigest: sha256(select.tree) }
}

/** Digest of the spine's syntax tree, as lineage keeps it: layout and comments do not count. */
export async function spineDigestOf(engine: Engine, project: Project, model: Model): Promise<string> {
  const place = relative(project.directory, model.spine)
  return sha256((await engine.inspectSelect(await readSpine(model.spine, place), place)).tree)
}

/** Reads a spine without running it: one SELECT, over feature groups that exist or are declared. */
export async function inspectSpine(
  engine: Engine,
  project: Project,
  model: Model,
  known: readonly string[],
  place: string,
): Promise<SelectStatement> {
  const select = await engine.inspectSelect(await readSpine(model.spine, place), place)
  const groups = select.tables.map(groupOf)
  refuseSources(project, groups, select.tableFunctions, place)
  const unknown = groups.find((name) => !known.includes(name))
  if (unknown === undefined) return select
  throw new FtiError(trainingErrors.FTI_SPINE_REFUSED, {
    message: `the spine reads '${unknown}', which is not a feature group`,
    place,
    remedy: didYouMean(unknown, known),
  })
}

/** Runs the spine into the table `_spine`, one row per example, and returns its number of rows. */
export async function createSpine(
  engine: Engine,
  project: Project,
  model: Model,
  sources: TrainingSources,
  signal?: AbortSignal,
): Promise<number> {
  const place = relative(project.directory, model.spine)
  const contracts = contractsOf(sources.groups)
  const columns = [...neededColumns(model, sources.groups).keys()].map(quoteName).join(', ')
  try {
    await checkSpineColumns(engine, sources.spineSql, model, contracts, place)
    await engine.execute(`CREATE TABLE _spine AS SELECT ${columns} FROM (${sources.spineSql}\n)`, signal)
  } catch (error) {
    throw atFile(spineError(error, sources.spineSql, contracts.values(), place), place)
  }
  const [found] = await engine.rows<{ rows: number; timeless: number }>(
    `SELECT count(*) AS rows, count(*) - count(${quoteName(model.time)}) AS timeless FROM _spine`,
  )
  const { rows, timeless } = found ?? { rows: 0, timeless: 0 }
  if (rows === 0) {
    throw new FtiError(trainingErrors.FTI_SPINE_EMPTY, {
      message: `the spine of '${model.name}' has no rows`,
      place,
      remedy: 'look at the SQL, and whether its feature groups have data: fti feature list',
    })
  }
  if (timeless > 0) {
    throw new FtiError(trainingErrors.FTI_SPINE_REFUSED, {
      message: `${timeless} rows of the spine have no ${model.time}`,
      place,
      remedy: `leave them out: WHERE ${model.time} IS NOT NULL`,
    })
  }
  return rows
}

/** Column of the spine -> its type: keys of the view and of the label, the time, the request. */
export function neededColumns(model: Model, groups: ReadonlyMap<string, GroupView>): Map<string, ValueType> {
  return columnsOf(model, contractsOf(groups))
}

function contractsOf(groups: ReadonlyMap<string, GroupView>): Map<string, Contract> {
  return new Map([...groups].map(([name, { published }]) => [name, published.contract]))
}

function columnsOf(model: Model, contracts: ReadonlyMap<string, Contract>): Map<string, ValueType> {
  const needed = new Map<string, ValueType>()
  for (const selection of [...model.features, { group: model.label.group, on: {} as Record<string, string> }]) {
    const key = contracts.get(selection.group)?.entity.key ?? {}
    for (const [column, type] of Object.entries(key)) needed.set(selection.on[column] ?? column, type)
  }
  needed.set(model.time, 'timestamp')
  for (const column of model.request) needed.set(column.name, column.type)
  return needed
}

async function readSpine(path: string, place: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new FtiError(trainingErrors.FTI_SPINE_REFUSED, {
      message: `the spine ${place} cannot be read`,
      place,
      remedy: 'write the file, or change the path in the project file',
      cause: error,
    })
  })
}

/** The group that a name in a spine means. */
export function groupOf(table: string): string {
  return table.endsWith(historySuffix) ? table.slice(0, -historySuffix.length) : table
}

/** A spine over raw sources would bypass contract, availability and lineage. */
function refuseSources(project: Project, tables: readonly string[], functions: readonly string[], place: string): void {
  const source =
    tables.find((table) => project.sources.has(table)) ?? functions.find((name) => name.startsWith('read_'))
  if (source === undefined) return
  throw new FtiError(trainingErrors.FTI_SPINE_REFUSED, {
    message: `the spine reads '${source}', which is not a feature group`,
    place,
    remedy: 'make a feature group of it and read that: training reads the feature store only',
    data: { source },
  })
}

function checkPicks(project: Project, model: Model, groups: ReadonlyMap<string, GroupView>): void {
  const picks = [
    ...model.features.map(({ group, pick }) => ({ group, pick })),
    { group: model.label.group, pick: [model.label.feature] },
  ]
  for (const { group, pick } of picks) {
    const known = groups.get(group)?.published.contract.features.map((feature) => feature.name) ?? []
    for (const name of pick) {
      if (known.includes(name)) continue
      throw new FtiError(trainingErrors.FTI_FEATURE_UNKNOWN, {
        message: `${model.name} reads ${group}.${name}, which the published contract of ${group} does not have`,
        place: project.locate(['models', model.name]),
        remedy: didYouMean(name, known),
        data: { group, feature: name, known },
      })
    }
  }
}

/** Holds what a spine gives against what its model reads of it. The relations that it reads must be defined. */
export async function checkSpineColumns(
  engine: Engine,
  spine: string,
  model: Model,
  contracts: ReadonlyMap<string, Contract>,
  place: string,
): Promise<void> {
  const given = new Map((await engine.describe(spine)).map(({ name, type }) => [name, type]))
  for (const [name, type] of columnsOf(model, contracts)) {
    const actual = given.get(name)
    if (actual === duckdbType(type)) continue
    throw new FtiError(trainingErrors.FTI_SPINE_REFUSED, {
      message:
        actual === undefined
          ? `the spine does not give the column '${name}'`
          : `the spine gives '${name}' as ${actual}, but ${type} (${duckdbType(type)}) is declared`,
      place,
      remedy: actual === undefined ? didYouMean(name, given.keys()) : `write CAST(${name} AS ${duckdbType(type)})`,
      data: { column: name, declared: type, given: actual ?? null },
    })
  }
}

/** A column that no group of the spine has, with its line and the nearest that one has; anything else as it is. */
export function spineError(error: unknown, sql: string, read: Iterable<Contract>, place: string): unknown {
  const found = error instanceof FtiError ? unknownColumn(error, sql) : undefined
  if (!(error instanceof FtiError) || found === undefined) return error
  const { column, line } = found
  const columns = [...read].flatMap(({ entity, eventTime, features }) => [
    ...Object.keys(entity.key),
    ...(eventTime === undefined ? [] : [eventTime]),
    ...features.map(({ name }) => name),
  ])
  return new FtiError(trainingErrors.FTI_SPINE_REFUSED, {
    message: `the spine reads column '${column}', which none of its feature groups has`,
    place: `${place}:${line}`,
    remedy: didYouMean(column, columns),
    detail: error.detail,
    data: { column, known: columns },
    cause: error,
  })
}
