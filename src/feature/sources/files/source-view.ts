import { didYouMean, FtiError } from '../../../base/index.ts'
import type { FileSource } from '../../../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../../../engine/index.ts'
import { duckdbType } from '../../../store/index.ts'
import { featureErrors } from '../../errors.ts'
import { valueFrom } from './declared-value.ts'
import { explainCsv } from './explain-csv.ts'
import { momentFromText } from './moment.ts'
import { sourceError } from './source-error.ts'
import type { SourceFile, SourceFiles } from './source-files.ts'
import { isReadAsText, type Sniffed, sourceReader, typeInSql } from './source-reader.ts'
import { checkTextFile } from './text-file.ts'

interface NamedFiles {
  readonly source: FileSource
  readonly files: readonly Pick<SourceFile, 'name'>[]
}

/** Makes the source readable in project SQL under its name; returns the names of its columns. */
export async function defineSourceView(engine: Engine, found: SourceFiles): Promise<string[]> {
  const { source } = found
  const isText = source.type !== 'parquet'
  if (isText) for (const file of found.files) await checkTextFile(source, file)
  // To DuckDB a file without a byte is one with another header.
  const files = isText ? found.files.filter(({ bytes }) => bytes > 0) : found.files
  if (files.length === 0) throw empty(found)
  try {
    return await define(engine, { ...found, files })
  } catch (error) {
    const exact = await explainCsv(engine, source, error, files)
    throw sourceError(exact, [found], source)
  }
}

async function define(engine: Engine, found: SourceFiles): Promise<string[]> {
  const { source } = found
  const paths = found.files.map(({ path }) => path)
  const reader = (columns?: readonly Sniffed[]) =>
    found.relation === undefined ? sourceReader(source, paths, columns) : `(${found.relation})`
  const given = await engine.describe(`SELECT * FROM ${reader()}`)
  const sniffed = found.isStrict ? declaredColumns(found, given) : given
  const names = sniffed.map(({ name }) => name)
  if (!found.mayBeEmpty) await refuseEmpty(engine, found, reader())
  checkDeclaredColumns(source, found.files[0]?.name, names)
  const replaced = sniffed.flatMap((column) => replacement(source, column) ?? [])
  const star = replaced.length === 0 ? '*' : `* REPLACE (${replaced.join(', ')})`
  await engine.execute(`CREATE VIEW ${quoteName(source.name)} AS SELECT ${star} FROM ${reader(sniffed)}`)
  return names
}

/** Files with a header and nothing else have no rows, and no types either. `reader` is absent where no file has a byte. */
export async function refuseEmpty(engine: Engine, found: NamedFiles, reader: string | undefined): Promise<void> {
  const [row] = reader === undefined ? [] : await engine.rows(`SELECT 1 AS found FROM ${reader} LIMIT 1`)
  if (row === undefined) throw empty(found)
}

/** The expression that makes moments of a column of times. */
function replacement(source: FileSource, column: Sniffed): string | undefined {
  const name = quoteName(column.name)
  if (source.type !== 'parquet') {
    return isReadAsText(source, column) ? `${momentFromText(source, column.name)} AS ${name}` : undefined
  }
  const declared = source.types[column.name]
  if (declared === 'timestamp' && column.type === 'VARCHAR') return `${momentFromText(source, column.name)} AS ${name}`
  if (declared !== undefined && declared !== 'timestamp') return valueFrom(source, column, declared)
  if (typeInSql(source, column) === column.type || source.timeZone === undefined) return undefined
  return `timezone(${quoteText(source.timeZone)}, CAST(${name} AS TIMESTAMP)) AS ${name}`
}

function declaredColumns({ source, files }: SourceFiles, given: readonly Sniffed[]): Sniffed[] {
  const declared = Object.entries(source.types)
  const names = declared.map(([name]) => name)
  const unknown = given.find(({ name }) => !names.includes(name))?.name
  if (unknown !== undefined) {
    throw new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
      message: `source '${source.name}' declares no column '${unknown}'`,
      place: files[0]?.name,
      remedy: didYouMean(unknown, names, `declare it in sources.${source.name}.types`),
      data: { source: source.name, column: unknown, declared: names },
    })
  }
  // A header names every column; an object leaves out what is null.
  return source.type === 'csv' ? [...given] : declared.map(([name, type]) => ({ name, type: duckdbType(type) }))
}

/** A type is declared for no column that the files lack. */
export function checkDeclaredColumns(source: FileSource, place: string | undefined, names: readonly string[]): void {
  for (const declared of Object.keys(source.types)) {
    if (names.includes(declared)) continue
    throw new FtiError(featureErrors.FTI_SOURCE_COLUMN_MISSING, {
      message: `source '${source.name}' has no column '${declared}', for which it declares a type`,
      place,
      remedy: didYouMean(declared, names, `change sources.${source.name}.types, or ask the owner of the data`),
      data: { source: source.name, column: declared, columns: names },
    })
  }
}

function empty({ source, files }: NamedFiles): FtiError {
  return new FtiError(featureErrors.FTI_SOURCE_EMPTY, {
    message: `source '${source.name}' has no rows`,
    place: files[0]?.name,
    remedy: `look why nothing was delivered; nothing was committed, and the features stay as they were`,
    data: { source: source.name, files: files.map(({ name }) => name) },
  })
}
