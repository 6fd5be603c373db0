import { didYouMean, FtiError } from '../base/index.ts'
import type { Source } from '../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../engine/index.ts'
import { featureErrors } from './errors.ts'
import { explainCsv } from './explain-csv.ts'
import { momentFromText } from './moment.ts'
import { sourceError } from './source-error.ts'
import type { SourceFile, SourceFiles } from './source-files.ts'
import { isReadAsText, type Sniffed, sourceReader, typeInSql } from './source-reader.ts'
import { checkTextFile } from './text-file.ts'

interface NamedFiles {
  readonly source: Source
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
  const sniffed = await engine.describe(`SELECT * FROM ${sourceReader(source, paths)}`)
  const names = sniffed.map(({ name }) => name)
  await refuseEmpty(engine, found, paths)
  checkDeclaredColumns(source, found.files[0]?.name, names)
  const replaced = sniffed.flatMap((column) => replacement(source, column) ?? [])
  const star = replaced.length === 0 ? '*' : `* REPLACE (${replaced.join(', ')})`
  await engine.execute(
    `CREATE VIEW ${quoteName(source.name)} AS SELECT ${star} FROM ${sourceReader(source, paths, sniffed)}`,
  )
  return names
}

/** Files with a header and nothing else have no rows, and no types either. */
export async function refuseEmpty(engine: Engine, found: NamedFiles, paths: readonly string[]): Promise<void> {
  const reader = paths.length === 0 ? undefined : sourceReader(found.source, paths)
  const [row] = reader === undefined ? [] : await engine.rows(`SELECT 1 AS found FROM ${reader} LIMIT 1`)
  if (row === undefined) throw empty(found)
}

/** The expression that makes moments of a column of times. */
function replacement(source: Source, column: Sniffed): string | undefined {
  const name = quoteName(column.name)
  if (source.type !== 'parquet') {
    return isReadAsText(source, column) ? `${momentFromText(source, column.name)} AS ${name}` : undefined
  }
  if (typeInSql(source, column) === column.type || source.timeZone === undefined) return undefined
  return `timezone(${quoteText(source.timeZone)}, CAST(${name} AS TIMESTAMP)) AS ${name}`
}

/** A type is declared for no column that the files lack. */
export function checkDeclaredColumns(source: Source, place: string | undefined, names: readonly string[]): void {
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
