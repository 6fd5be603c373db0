import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import { canonicalJson, didYouMean, FtiError, isSystemError } from '../../base/index.ts'
import type { FeatureGroup } from '../../contract/index.ts'
import type { Engine, SelectStatement } from '../../engine/index.ts'
import { bundleModule, type ModuleBundle, type Project } from '../../project/index.ts'
import { featureErrors } from '../errors.ts'

/** What a group's transform reads, found in its SQL: no list to keep up to date by hand. */
export interface GroupInputs {
  /** The statement in a form that may follow `CREATE TABLE … AS`. */
  readonly sql: string
  /** The SQL file, relative to the project. */
  readonly place: string
  /** The module that makes rows of the SQL's rows, as it is run: what ran is then what the tree has the digest of. */
  readonly module?: ModuleBundle | undefined
  /** The syntax tree without positions, with windows and module: equal trees are the same transform, however they are laid out. */
  readonly tree: string
  /** The part of the tree that is not SQL: windows and the module's digest; empty without them. */
  readonly extra: string
  readonly sources: readonly string[]
  readonly groups: readonly string[]
}

/** The table whose rows expectations are about, as they see it. */
export const checkedTable = '_typed'

const historySuffix = '__history'

/** Reads a group's SQL and resolves every table that it names. Executes nothing. */
export async function findInputs(
  engine: Engine,
  project: Project,
  group: FeatureGroup,
  published: readonly string[] = [],
): Promise<GroupInputs> {
  const place = relative(project.directory, group.transform.path)
  const select = await engine.inspectSelect(await readSql(group, place), place)
  refuseFileReaders(select, place)
  await checkExpectations(engine, group)
  const sources: string[] = []
  const groups: string[] = []
  for (const table of select.tables) {
    const name = table.endsWith(historySuffix) ? table.slice(0, -historySuffix.length) : table
    if (project.sources.has(table)) sources.push(table)
    else if (project.groups.has(name) || published.includes(name)) groups.push(name)
    else throw unknownTable(table, project, published, place)
  }
  const { transform, aggregates } = group
  const module = transform.module === undefined ? undefined : await bundleModule(transform.module)
  // What makes rows of the SQL's rows is a part of the transform.
  const extra = [...(aggregates ? [canonicalJson(aggregates)] : []), ...(module ? [module.digest] : [])].join('\n')
  return {
    sql: select.text,
    place,
    module,
    tree: [select.tree, ...(extra === '' ? [] : [extra])].join('\n'),
    extra,
    sources: unique(sources),
    groups: unique(groups),
  }
}

async function readSql(group: FeatureGroup, place: string): Promise<string> {
  try {
    return await readFile(group.transform.path, 'utf8')
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'EISDIR')) throw error
    throw new FtiError(featureErrors.FTI_TRANSFORM_MISSING, {
      message: `the transform of '${group.name}' does not exist: ${place}`,
      place: `featureGroups.${group.name}.transform`,
      remedy: 'write the file, or change the path in the project file',
    })
  }
}

/** Functions in FROM that make rows of their arguments alone. */
const harmless = new Set(['range', 'generate_series', 'unnest', 'repeat', 'repeat_row', 'json_each', 'json_tree'])

/** A file that is read past its declaration has no fingerprint, so a run could not know that it changed. */
export function refuseFileReaders(
  { tables, tableFunctions }: Pick<SelectStatement, 'tables' | 'tableFunctions'>,
  place: string,
): void {
  const reader = tableFunctions.find((name) => !harmless.has(name.toLowerCase()))
  const file = tables.find((name) => /[/\\*]|\.(csv|tsv|json|ndjson|jsonl|parquet)(\.gz|\.zst)?$/i.test(name))
  if (reader === undefined && file === undefined) return
  throw new FtiError(featureErrors.FTI_SQL_READS_FILES, {
    message: reader === undefined ? `${place} reads the file '${file}'` : `${place} calls ${reader}()`,
    place,
    remedy: 'declare the file under sources: and read it by its name',
  })
}

/** An expectation is one SQL expression over the group's own rows; anything that would end it and go on is refused. */
async function checkExpectations(engine: Engine, { name, expectations }: FeatureGroup): Promise<void> {
  const place = `featureGroups.${name}.expect`
  for (const condition of [...expectations.rows, ...expectations.batch]) {
    const select = await engine.inspectSelect(`SELECT (${condition}) FROM ${checkedTable}`, place)
    const other = [...select.tables, ...select.tableFunctions].find((table) => table !== checkedTable)
    if (other === undefined) continue
    throw new FtiError(featureErrors.FTI_SQL_UNKNOWN_TABLE, {
      message: `an expectation of '${name}' reads '${other}': ${condition}`,
      place,
      remedy: 'an expectation sees the rows of its group alone; join other tables in the transform',
    })
  }
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
