import { stat } from 'node:fs/promises'
import { relative } from 'node:path'
import type { DeltaSource, FileSource, Source } from '../../../contract/index.ts'
import type { Engine } from '../../../engine/index.ts'
import type { Project } from '../../../project/index.ts'
import { duckdbType, readSnapshot, tableRelation } from '../../../store/index.ts'
import { isFileSource } from '../intake.ts'
import { documentColumns } from '../read-documents.ts'
import { asFileSource } from '../spooled.ts'
import { listSourceFiles } from './source-files.ts'
import { type Sniffed, sourceReader, typeInSql } from './source-reader.ts'
import { checkDeclaredColumns, refuseEmpty } from './source-view.ts'
import { checkTextFile } from './text-file.ts'

/** DuckDB tells the types of text from the beginnings of the first files. */
const sniffedFiles = 10
const sniffedBytes = 32 * 1024 * 1024

/**
 * The columns of a source as project SQL sees them; a text that says why where only asking the source could tell them. Reads no
 * more of files than it takes to tell their types, asks no server and runs no program.
 */
export async function sniffSource(
  engine: Engine,
  project: Project,
  source: Source,
): Promise<readonly Sniffed[] | string> {
  if (isFileSource(source)) return sniffFiles(engine, project, source)
  if (source.type === 'push')
    return Object.entries(source.types).map(([name, type]) => ({ name, type: duckdbType(type) }))
  if (source.type === 'documents') return documentColumns
  if (source.type === 'delta') return sniffDelta(engine, source)
  return `source '${source.name}' is asked for its columns only by a run`
}

/** The log of a table tells its columns. */
async function sniffDelta(engine: Engine, source: DeltaSource): Promise<readonly Sniffed[] | string> {
  const snapshot = await readSnapshot(source.path)
  if (snapshot === undefined) return `source '${source.name}' has no Delta table yet`
  const file = asFileSource(source, 'parquet')
  const columns = await engine.describe(tableRelation(snapshot))
  const names = columns.map(({ name }) => name)
  checkDeclaredColumns(file, undefined, names)
  return columns.map((column) => {
    const declared = source.types[column.name]
    return { name: column.name, type: declared === undefined ? typeInSql(file, column) : duckdbType(declared) }
  })
}

async function sniffFiles(engine: Engine, project: Project, source: FileSource): Promise<readonly Sniffed[]> {
  const all = await listSourceFiles(engine, project, source)
  const files = all.map((path) => ({ path, name: relative(project.directory, path) }))
  const isText = source.type !== 'parquet'
  if (isText) for (const file of files.slice(0, sniffedFiles)) await checkTextFile(source, file, sniffedBytes)
  const paths = isText ? await withBytes(all) : all
  const reader = paths.length === 0 ? undefined : sourceReader(source, paths)
  await refuseEmpty(engine, { source, files }, reader)
  const sniffed = await engine.describe(`SELECT * FROM ${sourceReader(source, paths)}`)
  const names = sniffed.map(({ name }) => name)
  checkDeclaredColumns(source, files[0]?.name, names)
  return sniffed.map((column) => ({ name: column.name, type: typeInSql(source, column) }))
}

async function withBytes(paths: readonly string[]): Promise<string[]> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size))
  return paths.filter((_path, index) => (sizes[index] ?? 0) > 0)
}
