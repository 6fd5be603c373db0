import type { FileSource } from '../../../contract/index.ts'
import { quoteFile, quoteText } from '../../../engine/index.ts'
import { duckdbType } from '../../../store/index.ts'

/** A column as DuckDB found it in the files. */
export interface Sniffed {
  readonly name: string
  readonly type: string
}

/**
 * SQL that reads the files of a source. Without `sniffed` DuckDB guesses all types; with it the declared types hold, and times
 * come as text, for whether a zone is written behind them is seen only there.
 */
export function sourceReader(source: FileSource, paths: readonly string[], sniffed: readonly Sniffed[] = []): string {
  const files = `[${paths.map(quoteFile).join(', ')}]`
  const types = sniffed.map((column) => ({ name: column.name, type: typeToRead(source, column) }))
  if (source.type === 'parquet') return `read_parquet(${files})`
  if (source.type === 'csv') {
    const declared = types.filter(
      ({ name }, index) => name in source.types || types[index]?.type !== sniffed[index]?.type,
    )
    return `read_csv(${files}, ${[...csvOptions(source), ...typesOption('types', declared)].join(', ')})`
  }
  const format = source.type === 'ndjson' ? 'newline_delimited' : 'auto'
  return `read_json(${files}, ${[`format = ${quoteText(format)}`, ...typesOption('columns', types)].join(', ')})`
}

/**
 * Everything that DuckDB would otherwise guess from the data: it takes lines that are too short for a preamble and
 * leaves them out, header and all.
 */
export function csvOptions(source: FileSource): string[] {
  return [
    'header = true',
    'skip = 0',
    `delim = ${quoteText(source.delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    `comment = ''`,
    'strict_mode = true',
    'null_padding = false',
    `encoding = ${quoteText(source.encoding)}`,
    `nullstr = [${['', ...source.nulls].map(quoteText).join(', ')}]`,
    // Every file must have the header of the first: a silent union would hide a renamed column.
    'union_by_name = false',
  ]
}

/** True for columns of times in text, whose zone must be looked for. */
export function isReadAsText(source: FileSource, { name, type }: Sniffed): boolean {
  const declared = source.types[name]
  if (declared !== undefined) return declared === 'timestamp'
  if (type === 'TIMESTAMP WITH TIME ZONE') return true
  // JSON's reader drops a zone that it has read; that of CSV keeps times with and without one apart.
  return type === 'TIMESTAMP' && (source.type !== 'csv' || source.timeZone !== undefined)
}

/** The type that a column has in project SQL, where times have become moments. */
export function typeInSql(source: FileSource, column: Sniffed): string {
  if (source.type !== 'parquet') {
    return isReadAsText(source, column) ? duckdbType('timestamp') : typeToRead(source, column)
  }
  const hasNoZone = /^TIMESTAMP(_S|_MS|_NS)?$/.test(column.type)
  return hasNoZone && source.timeZone !== undefined ? duckdbType('timestamp') : column.type
}

function typeToRead(source: FileSource, column: Sniffed): string {
  if (isReadAsText(source, column)) return 'VARCHAR'
  const declared = source.types[column.name]
  return declared === undefined ? column.type : duckdbType(declared)
}

function typesOption(option: string, types: readonly Sniffed[]): string[] {
  if (types.length === 0) return []
  return [`${option} = {${types.map(({ name, type }) => `${quoteText(name)}: ${quoteText(type)}`).join(', ')}}`]
}
