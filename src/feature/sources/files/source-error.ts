import { type ErrorEntry, FtiError } from '../../../base/index.ts'
import type { FileSource } from '../../../contract/index.ts'
import { featureErrors } from '../../errors.ts'
import { noValue } from './declared-value.ts'
import { noTimestamp, noZone } from './moment.ts'
import type { SourceFile, SourceFiles } from './source-files.ts'

interface Explanation {
  readonly entry: ErrorEntry
  readonly what: string
  readonly remedy: string
  readonly source: FileSource
  readonly place?: string | undefined
}

/**
 * What DuckDB says about a file as an error of the source that it belongs to, with the file and the line. Anything that is not
 * about a file stays as it is, unless `reading` says that nothing but this source was read.
 */
export function sourceError(error: unknown, all: readonly SourceFiles[], reading?: FileSource): unknown {
  if (!(error instanceof FtiError) || error.code !== 'FTI_SQL_FAILED') return error
  const text = `${error.message}\n${error.detail ?? ''}`
  const found =
    wrongLine(text, all) ??
    otherColumns(text, all) ??
    wrongJson(text, all) ??
    wrongText(text, all) ??
    noWholeParquet(text, all) ??
    noMoment(text, all) ??
    wrongValue(text, all) ??
    (reading && anythingElse(error.message, reading, all))
  if (found === undefined) return error
  const { entry, what, remedy, source, place } = found
  return new FtiError(entry, { message: `source '${source.name}' ${what}`, place, remedy, cause: error })
}

function wrongLine(text: string, all: readonly SourceFiles[]): Explanation | undefined {
  const line = /CSV Error on Line: (\d+)/.exec(text)?.[1]
  const at = fileOf(/^\s*file = (.*)$/m.exec(text)?.[1], all)
  if (line === undefined || at === undefined) return undefined
  const { source, file } = at
  const entry = featureErrors.FTI_SOURCE_UNREADABLE
  const place = `${file.name}:${line}`
  const width = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text)
  if (width !== null) {
    const what = `has ${width[2]} values in line ${line}, and ${width[1]} columns in its header`
    const remedy = `correct the line; a value that holds '${source.delimiter}' or a line break belongs in double quotes`
    return { entry, what, remedy, source, place }
  }
  const value = /Error when converting column "(.*)"\. (Could not convert string .*)/.exec(text)
  if (value !== null) {
    const what = `has a value of another type in line ${line}, column ${value[1]}: ${lowerFirst(value[2] ?? '')}`
    const remedy = `correct the value, declare sources.${source.name}.types, or, if it means null, name it in sources.${source.name}.nulls`
    return { entry, what, remedy, source, place }
  }
  const reason = /unterminated quote/.test(text) ? 'a quote that is never closed' : 'something that is not CSV'
  return { entry, what: `has ${reason} in line ${line}`, remedy: 'correct the line', source, place }
}

function otherColumns(text: string, all: readonly SourceFiles[]): Explanation | undefined {
  const csv = /Main file schema: (.*)\nCurrent file: (.*)\nColumn with name: "(.*)" is missing/.exec(text)
  const parquet =
    /read file "(.*)": schema mismatch in glob: column "(.*)" was read from the original file "(.*)", but/.exec(text)
  const [first, other, column] = csv ? [csv[1], csv[2], csv[3]] : [parquet?.[3], parquet?.[1], parquet?.[2]]
  const at = fileOf(other, all)
  if (at === undefined) return undefined
  const before = fileOf(first, all)?.file.name ?? first
  return {
    entry: featureErrors.FTI_SOURCE_COLUMN_MISSING,
    what: `has no column '${column}' in ${at.file.name}, unlike in ${before}`,
    remedy: `give all files the same columns, or let sources.${at.source.name}.path name those that have them`,
    source: at.source,
    place: at.file.name,
  }
}

function wrongJson(text: string, all: readonly SourceFiles[]): Explanation | undefined {
  // DuckDB counts lines one too far at the end of a file, so the number is no place to jump to.
  const found =
    /(?:Malformed JSON|JSON transform error) in file "(.*?)",(?: at byte \d+)? in (?:line|record\/value) (\d+): (.*)/.exec(
      text,
    )
  const at = fileOf(found?.[1], all)
  if (found === null || at === undefined) return undefined
  return {
    entry: featureErrors.FTI_SOURCE_UNREADABLE,
    what: `cannot be read as ${at.source.type} near value ${found[2]}: ${found[3]?.trim()}`,
    remedy: `correct the file, or declare sources.${at.source.name}.types`,
    source: at.source,
    place: at.file.name,
  }
}

function wrongText(text: string, all: readonly SourceFiles[]): Explanation | undefined {
  const at = fileOf(/could not read content of file '(.*)' as valid UTF-8/.exec(text)?.[1], all)
  if (at === undefined) return undefined
  const entry = featureErrors.FTI_SOURCE_UNREADABLE
  const remedy = 'write the file as UTF-8'
  return { entry, what: 'has a document that is not UTF-8', remedy, source: at.source, place: at.file.name }
}

function noWholeParquet(text: string, all: readonly SourceFiles[]): Explanation | undefined {
  const found =
    /(?:No magic bytes found at end of file|File|reading file:?) ["'](.*?)["'](?: too small to be a Parquet file)?/.exec(
      text,
    )
  const at = fileOf(found?.[1], all)
  if (at === undefined || at.source.type !== 'parquet') return undefined
  return {
    entry: featureErrors.FTI_SOURCE_UNREADABLE,
    what: 'has a file that is not a whole Parquet file',
    remedy: 'write it under another name and rename it when it is complete; then run the command again',
    source: at.source,
    place: at.file.name,
  }
}

function noMoment(text: string, all: readonly SourceFiles[]): Explanation | undefined {
  const found = new RegExp(`(${noZone}|${noTimestamp}): (.*?): (.*?): (.*)`).exec(text)
  const files = all.find(({ source }) => source.name === found?.[2])
  if (found === null || files === undefined) return undefined
  const { source } = files
  const value = `'${found[4]}' in column ${found[3]}`
  const place = files.files.length === 1 ? files.files[0]?.name : `sources.${source.name}`
  if (found[1] === noTimestamp) {
    const remedy = `correct the value, or, if it means null, name it in sources.${source.name}.nulls`
    const entry = featureErrors.FTI_SOURCE_UNREADABLE
    return { entry, what: `has ${value}, which is no timestamp`, remedy, source, place }
  }
  const remedy = `say in which zone such times are: sources.${source.name}.timeZone: UTC, or America/New_York`
  return {
    entry: featureErrors.FTI_TIME_ZONE_MISSING,
    what: `has ${value}, which names no time zone`,
    remedy,
    source,
    place,
  }
}

function wrongValue(text: string, all: readonly SourceFiles[]): Explanation | undefined {
  const found = new RegExp(`${noValue}: (.*?): (.*?): (.*?): (.*)`).exec(text)
  const files = all.find(({ source }) => source.name === found?.[1])
  if (found === null || files === undefined) return undefined
  const { source } = files
  return {
    entry: featureErrors.FTI_SOURCE_UNREADABLE,
    what: `has '${found[4]}' in column ${found[2]}, which is declared ${found[3]}`,
    remedy: `correct the value, or declare another type: sources.${source.name}.types`,
    source,
    place: files.files.length === 1 ? files.files[0]?.name : `sources.${source.name}`,
  }
}

function anythingElse(message: string, source: FileSource, all: readonly SourceFiles[]): Explanation {
  const files = all.find((entry) => entry.source === source)?.files ?? []
  return {
    entry: featureErrors.FTI_SOURCE_UNREADABLE,
    what: `cannot be read as ${source.type}: ${message}`,
    remedy: `correct the file, or what sources.${source.name} says of it`,
    source,
    place: files.length === 1 ? files[0]?.name : `sources.${source.name}`,
  }
}

function fileOf(
  path: string | undefined,
  all: readonly SourceFiles[],
): { readonly source: FileSource; readonly file: SourceFile } | undefined {
  for (const { source, files } of all) {
    const file = files.find((candidate) => candidate.path === path)
    if (file) return { source, file }
  }
  return undefined
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
