import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { didYouMean, FtiError, isSystemError } from '../base/index.ts'
import type { FeatureGroup } from '../contract/index.ts'
import { atFile, type Engine } from '../engine/index.ts'
import type { Project } from '../project/index.ts'
import { featureErrors } from './errors.ts'

/** What a group's transform reads, found in its SQL: no list to keep up to date by hand. */
export interface GroupInputs {
  readonly sql: string
  /** The syntax tree without positions: equal trees are the same transform, however they are laid out. */
  readonly tree: string
  readonly sources: readonly string[]
  readonly groups: readonly string[]
}

const historySuffix = '__history'

/** Reads a group's SQL and resolves every table that it names. */
export async function findInputs(
  engine: Engine,
  project: Project,
  group: FeatureGroup,
  published: readonly string[] = [],
): Promise<GroupInputs> {
  const place = relative(project.directory, group.transform.path)
  const sql = await readSql(group.transform.path, place)
  const select = await engine.inspectSelect(sql).catch((error: unknown) => {
    throw atFile(error, place)
  })
  refuseFileReaders(select.tableFunctions, place)
  const sources: string[] = []
  const groups: string[] = []
  for (const table of select.tables) {
    const name = table.endsWith(historySuffix) ? table.slice(0, -historySuffix.length) : table
    if (project.sources.has(table)) sources.push(table)
    else if (project.groups.has(name) || published.includes(name)) groups.push(name)
    else throw unknownTable(table, project, published, place)
  }
  return { sql, tree: select.tree, sources: unique(sources), groups: unique(groups) }
}

async function readSql(path: string, place: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'EISDIR')) throw error
    throw new FtiError(featureErrors.FTI_SOURCE_MISSING, {
      message: `the transform ${place} does not exist`,
      place,
      remedy: 'write the file, or change the path in the project file',
    })
  }
}

const fileReaders = /^(read_|sniff_csv|glob$|parquet_|query(_table)?$|duckdb_)/

/** A file that is read past its declaration has no fingerprint, so a run could not know that it changed. */
function refuseFileReaders(functions: readonly string[], place: string): void {
  const reader = functions.find((name) => fileReaders.test(name))
  if (reader === undefined) return
  throw new FtiError(featureErrors.FTI_SQL_READS_FILES, {
    message: `${place} calls ${reader}()`,
    place,
    remedy: 'declare the file under sources: and read it by its name',
  })
}

function unknownTable(table: string, project: Project, published: readonly string[], place: string): FtiError {
  const known = [...project.sources.keys(), ...project.groups.keys(), ...published]
  return new FtiError(featureErrors.FTI_SQL_UNKNOWN_TABLE, {
    message: `${place} reads '${table}', which is neither a source nor a feature group`,
    place,
    remedy: didYouMean(table, known),
    data: { table, known },
  })
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}
