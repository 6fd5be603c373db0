import { counted, FtiError, throwIfCancelled } from '../../base/index.ts'
import type { FileSource, Source } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { isAbout, listGroups } from '../../store/index.ts'
import { readSourceFiles } from '../sources/files/source-files.ts'
import { defineSourceView } from '../sources/files/source-view.ts'
import { isFileSource } from '../sources/intake.ts'
import { whereIs } from '../sources/where-is.ts'
import { findInputs } from '../transforms/inputs.ts'
import type { ForgetScope } from './forget-scope.ts'
import type { Erasure } from './plan-erasure.ts'

/**
 * The sources from which a later run may bring an entity back, of the groups about it and of those that they are made from. Files
 * are looked into and named where they have the key, or where nobody can tell; other sources are named.
 */
export async function sourcesNaming(
  engine: Engine,
  project: Project,
  scope: ForgetScope,
  signal?: AbortSignal,
): Promise<Erasure['stays']> {
  const stays: Erasure['stays'][number][] = []
  for (const source of await sourcesOf(engine, project, scope.groups)) {
    throwIfCancelled(signal)
    const because = isFileSource(source)
      ? await reasonOfFiles(engine, project, { source, scope, signal })
      : 'it is not looked into, and a run that reads it again brings back what it still has'
    if (because !== undefined)
      stays.push({ place: `source ${source.name}, ${whereIs(source, project.directory)}`, because })
  }
  return stays
}

/** What was pushed lies nowhere that could be read again. */
async function sourcesOf(engine: Engine, project: Project, groups: readonly string[]): Promise<Source[]> {
  const published = await listGroups(project.store)
  const made = new Set(groups)
  const names = new Set<string>()
  // A set that grows while it is walked: groups that the groups are made from come behind them.
  for (const name of made) {
    const inputs = await inputsOf(engine, project, name, published)
    for (const read of inputs?.groups ?? []) made.add(read)
    for (const source of inputs?.sources ?? []) names.add(source)
  }
  return [...project.sources.values()].filter(({ name, type }) => names.has(name) && type !== 'push')
}

/** Of a group that the project has not, or whose SQL cannot be understood, no run reads anything. */
async function inputsOf(engine: Engine, project: Project, name: string, published: readonly string[]) {
  const group = project.groups.get(name)
  try {
    return group && (await findInputs(engine, project, group, published))
  } catch (error) {
    if (error instanceof FtiError) return undefined
    throw error
  }
}

interface Looking {
  readonly source: FileSource
  readonly scope: ForgetScope
  readonly signal: AbortSignal | undefined
}

async function reasonOfFiles(
  engine: Engine,
  project: Project,
  { source, scope: { entity }, signal }: Looking,
): Promise<string | undefined> {
  const view = quoteName(source.name)
  try {
    const columns = await defineSourceView(engine, await readSourceFiles(engine, project, source))
    const absent = entity.find(({ name }) => !columns.includes(name))
    if (absent !== undefined)
      return `it has no column ${absent.name}, so look there yourself: a run that reads it again brings back what it still has`
    const found = await engine.rows<{ rows: number }>(
      `SELECT count(*) AS rows FROM ${view} WHERE ${isAbout(entity)}`,
      signal,
    )
    const rows = found[0]?.rows ?? 0
    if (rows === 0) return undefined
    return `it has ${counted(rows, 'row')} with the key, which a run that reads it again (--full) brings back: take it out there`
  } catch (error) {
    throwIfCancelled(signal)
    if (!(error instanceof FtiError)) throw error
    return `it cannot be looked into (${error.code}), and a run that reads it again brings back what it still has`
  } finally {
    await engine.execute(`DROP VIEW IF EXISTS ${view}`)
  }
}
