import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { didYouMean, digestOf, FtiError, sha256File } from '../base/index.ts'
import type { Source } from '../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../engine/index.ts'
import { duckdbType } from '../store/index.ts'
import { featureErrors } from './errors.ts'

/** The files of a source at one moment, and what identifies their content. */
export interface SourceFiles {
  readonly source: Source
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly mtimeMs: number }[]
  readonly digest: string
}

/** The folder that the engine must be allowed to read for this source. */
export function sourceFolder(source: Source): string {
  return dirname(source.path.replace(/[*?[{].*$/, 'x'))
}

/** Lists the files of a source and hashes their bytes. */
export async function readSourceFiles(engine: Engine, source: Source): Promise<SourceFiles> {
  const found = await engine.rows<{ file: string }>(`SELECT file FROM glob(${quoteText(source.path)}) ORDER BY file`)
  if (found.length === 0) throw await missing(engine, source)
  const files = await Promise.all(
    found.map(async ({ file }) => ({
      path: file,
      sha256: await sha256File(file),
      mtimeMs: (await stat(file)).mtimeMs,
    })),
  )
  const digest = digestOf(files.map((file) => [basename(file.path), file.sha256]))
  return { source, files, digest }
}

/** Fails when a file is not the one that was hashed: its rows would belong to no fingerprint. */
export async function checkUnchanged({ source, files }: SourceFiles): Promise<void> {
  for (const file of files) {
    const now = await stat(file.path).catch(() => undefined)
    if (now?.mtimeMs === file.mtimeMs || (now && (await sha256File(file.path)) === file.sha256)) continue
    throw new FtiError(featureErrors.FTI_SOURCE_CHANGED, {
      message: `source '${source.name}' changed while it was read`,
      place: file.path,
      remedy: 'run the command again once the file is complete; nothing was committed',
    })
  }
}

/** Makes the source readable in project SQL under its name. */
export async function defineSourceView(engine: Engine, { source, files }: SourceFiles): Promise<void> {
  const reader = readerOf(
    source,
    files.map((file) => file.path),
  )
  try {
    const columns = await engine.describe(`SELECT * FROM ${reader}`)
    checkDeclaredColumns(source, columns)
    const replaced = columns.flatMap((column) => replacement(source, column) ?? [])
    const star = replaced.length === 0 ? '*' : `* REPLACE (${replaced.join(', ')})`
    await engine.execute(`CREATE VIEW ${quoteName(source.name)} AS SELECT ${star} FROM ${reader}`)
  } catch (error) {
    throw unreadable(error, source)
  }
}

function readerOf(source: Source, paths: readonly string[]): string {
  const files = `[${paths.map(quoteText).join(', ')}]`
  if (source.type === 'parquet') return `read_parquet(${files})`
  if (source.type === 'csv') {
    const types = Object.entries(source.types)
      // Timestamps without a zone get theirs in `replacement`.
      .map(([name, type]) => [name, type === 'timestamp' && source.timeZone ? 'TIMESTAMP' : duckdbType(type)])
      .map(([name, type]) => `${quoteText(name ?? '')}: ${quoteText(type ?? '')}`)
    const options = [
      'header = true',
      `delim = ${quoteText(source.delimiter)}`,
      `encoding = ${quoteText(source.encoding)}`,
      `nullstr = [${['', ...source.nulls].map(quoteText).join(', ')}]`,
      // Every file must have the header of the first: a silent union would hide a renamed column.
      'union_by_name = false',
      ...(types.length > 0 ? [`types = {${types.join(', ')}}`] : []),
    ]
    return `read_csv(${files}, ${options.join(', ')})`
  }
  const format = source.type === 'ndjson' ? 'newline_delimited' : 'auto'
  return `read_json(${files}, format = ${quoteText(format)})`
}

function replacement(source: Source, column: { name: string; type: string }): string | undefined {
  const declared = source.types[column.name]
  const name = quoteName(column.name)
  if (column.type === 'TIMESTAMP' && source.timeZone)
    return `timezone(${quoteText(source.timeZone)}, ${name}) AS ${name}`
  if (declared && source.type !== 'csv') return `CAST(${name} AS ${duckdbType(declared)}) AS ${name}`
  return undefined
}

function checkDeclaredColumns(source: Source, columns: readonly { name: string }[]): void {
  const names = columns.map((column) => column.name)
  for (const declared of Object.keys(source.types)) {
    if (names.includes(declared)) continue
    throw new FtiError(featureErrors.FTI_SOURCE_COLUMN_MISSING, {
      message: `source '${source.name}' has no column '${declared}'`,
      place: source.path,
      remedy: `${didYouMean(declared, names)} Change sources.${source.name}.types, or ask the owner of the data`,
      data: { source: source.name, column: declared, columns: names },
    })
  }
}

async function missing(engine: Engine, source: Source): Promise<FtiError> {
  const beside = await engine.rows<{ file: string }>(
    `SELECT file FROM glob(${quoteText(`${sourceFolder(source)}/*`)}) LIMIT 200`,
  )
  const hint = didYouMean(
    basename(source.path),
    beside.map(({ file }) => basename(file)),
  )
  return new FtiError(featureErrors.FTI_SOURCE_MISSING, {
    message: `source '${source.name}' has no file: ${source.path}`,
    place: source.path,
    remedy: `${hint} Put the file there or change sources.${source.name}.path`,
    data: { source: source.name, path: source.path },
  })
}

function unreadable(error: unknown, source: Source): unknown {
  if (!(error instanceof FtiError) || error.code !== 'FTI_SQL_FAILED') return error
  const encoding = /utf-?8|unicode|encod/i.test(error.message + (error.detail ?? ''))
  const remedy = encoding
    ? `say how the file is encoded: sources.${source.name}.encoding: latin-1`
    : `correct the file, or the declared types, delimiter and nulls of sources.${source.name}`
  return new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
    message: `source '${source.name}' cannot be read as ${source.type}: ${error.message}`,
    place: source.path,
    remedy,
    detail: error.detail,
    cause: error,
  })
}
