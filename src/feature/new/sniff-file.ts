import { dirname, join, resolve } from 'node:path'
import { FtiError } from '../../base/index.ts'
import type { FileSource, ValueType } from '../../contract/index.ts'
import { type Engine, openEngine, quoteName, quoteText } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import { valueTypeOf } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { toTheMinute } from '../sources/files/moment.ts'
import { readSourceFiles } from '../sources/files/source-files.ts'
import { defineSourceView } from '../sources/files/source-view.ts'

/** A column of a file, with the type that a feature of it would have. */
export interface FileColumn {
  readonly name: string
  /** As project SQL sees it, in DuckDB's words. */
  readonly sqlType: string
  /** Undefined for lists, structs and blobs, of which no feature can be made. */
  readonly type: ValueType | undefined
  readonly isMoment: boolean
}

/** A file, and how well its columns tell rows apart. */
export interface SniffedFile {
  readonly source: FileSource
  readonly rows: number
  readonly columns: readonly FileColumn[]
  /** True when no two rows agree in all of these columns, and none of them is ever null. */
  isKey(columns: readonly string[]): Promise<boolean>
  /** True when every row has both times, and the first is never after the second. */
  isOrdered(earlier: string, later: string): Promise<boolean>
}

export interface FileToSniff {
  readonly path: string
  /** Of the source that reads it. */
  readonly name: string
  readonly timeZone: string
  readonly declared?: FileSource | undefined
}

/** Lends what DuckDB finds in a file: format by its name, delimiter, types, uniqueness. */
export async function withSniffedFile<T>(
  project: Pick<Project, 'directory' | 'state'>,
  { path, name, timeZone, declared }: FileToSniff,
  work: (file: SniffedFile) => Promise<T>,
): Promise<T> {
  const absolute = resolve(path)
  const type = declared?.type ?? formatOf(absolute)
  const engine = await openEngine({
    tempDirectory: join(project.state, 'tmp'),
    allowedDirectories: [dirname(absolute)],
  })
  try {
    const delimiter = type === 'csv' ? await delimiterOf(engine, absolute) : ','
    const found = { name, type, path: absolute, nulls: [], types: {}, delimiter, encoding: 'utf-8' as const }
    const view = async (source: FileSource) => {
      await defineSourceView(engine, await readSourceFiles(engine, project, source))
      return engine.describe(`SELECT * FROM ${quoteName(name)}`)
    }
    const zone = declared?.timeZone ?? timeZone
    const first = await view({ ...(declared ?? found), timeZone: zone })
    const types = declared ? {} : await timesToTheMinute(engine, name, first)
    const plain: FileSource = declared ?? { ...found, types }
    if (Object.keys(types).length > 0) await engine.execute(`DROP VIEW ${quoteName(name)}`)
    const described = Object.keys(types).length > 0 ? await view({ ...plain, timeZone: zone }) : first
    const columns = described.map((column) => fileColumn(column))
    // A zone is only said where there is a time to which it applies.
    const source: FileSource = columns.some(({ isMoment }) => isMoment) ? { ...plain, timeZone: zone } : plain
    const [count] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${quoteName(name)}`)
    const isKey = (key: readonly string[]) => isUnique(engine, name, key)
    const ordered = (earlier: string, later: string) => isOrdered(engine, name, earlier, later)
    return await work({ source, rows: count?.rows ?? 0, columns, isKey, isOrdered: ordered })
  } finally {
    await engine.close()
  }
}

function formatOf(path: string): FileSource['type'] {
  const ending = /\.(csv|tsv|txt|json|ndjson|jsonl|parquet)(\.gz)?$/i.exec(path)?.[1]?.toLowerCase()
  if (ending === 'csv' || ending === 'tsv' || ending === 'txt') return 'csv'
  if (ending === 'ndjson' || ending === 'jsonl') return 'ndjson'
  if (ending === 'json' || ending === 'parquet') return ending
  throw new FtiError(featureErrors.FTI_GROUP_NOT_GUESSED, {
    message: `what ${path} holds cannot be told from its name`,
    place: path,
    remedy: 'give a file that ends in .csv, .tsv, .json, .ndjson or .parquet',
  })
}

async function delimiterOf(engine: Engine, path: string): Promise<string> {
  if (/\.tsv(\.gz)?$/i.test(path)) return '\t'
  try {
    const [found] = await engine.rows<{ delimiter: string }>(
      `SELECT Delimiter AS delimiter FROM sniff_csv(${quoteText(path)}, header = true)`,
    )
    return found?.delimiter || ','
  } catch (error) {
    // A file that cannot be read is better explained by the reader of sources.
    if (error instanceof FtiError) return ','
    throw error
  }
}

/** Columns of text that hold nothing but times to the minute, which are times only where the source says so. */
async function timesToTheMinute(
  engine: Engine,
  table: string,
  columns: readonly { readonly name: string; readonly type: string }[],
): Promise<Record<string, 'timestamp'>> {
  const texts = columns.filter(({ type }) => type === 'VARCHAR').map(({ name }) => name)
  if (texts.length === 0) return {}
  const pattern = quoteText(`^\\d{4}-\\d{2}-\\d{2}${toTheMinute}`)
  const asked = texts.map(
    (name, index) => `coalesce(bool_and(regexp_matches(${quoteName(name)}, ${pattern})), false) AS is${index}`,
  )
  const [all] = await engine.rows<Record<string, boolean>>(`SELECT ${asked.join(', ')} FROM ${quoteName(table)}`)
  return Object.fromEntries(texts.filter((_, index) => all?.[`is${index}`]).map((name) => [name, 'timestamp'] as const))
}

const nearTypes: readonly [RegExp, ValueType][] = [
  [/^U?(TINYINT|SMALLINT)$/, 'int32'],
  [/^UINTEGER$/, 'int64'],
  [/^(UBIGINT|U?HUGEINT|DECIMAL.*)$/, 'float64'],
  [/^TIMESTAMP.*$/, 'timestamp'],
  [/^(UUID|TIME|INTERVAL|ENUM.*|BIT)$/, 'string'],
]

function fileColumn({ name, type: sqlType }: { readonly name: string; readonly type: string }): FileColumn {
  const type = valueTypeOf(sqlType) ?? nearTypes.find(([near]) => near.test(sqlType))?.[1]
  return { name, sqlType, type, isMoment: type === 'timestamp' }
}

async function isUnique(engine: Engine, table: string, key: readonly string[]): Promise<boolean> {
  if (key.length === 0) return false
  const names = key.map(quoteName)
  const [found] = await engine.rows<{ rows: number; distinct: number; nulls: number }>(
    `SELECT (SELECT count(*) FROM ${quoteName(table)}) AS rows,
       (SELECT count(*) FROM (SELECT DISTINCT ${names.join(', ')} FROM ${quoteName(table)})) AS distinct,
       (SELECT count(*) FROM ${quoteName(table)} WHERE ${names.map((name) => `${name} IS NULL`).join(' OR ')}) AS nulls`,
  )
  return found !== undefined && found.distinct === found.rows && found.nulls === 0
}

async function isOrdered(engine: Engine, table: string, earlier: string, later: string): Promise<boolean> {
  const [found] = await engine.rows<{ odd: number }>(
    `SELECT count(*) AS odd FROM ${quoteName(table)}
     WHERE (${quoteName(earlier)} <= ${quoteName(later)}) IS NOT TRUE`,
  )
  return found?.odd === 0
}
