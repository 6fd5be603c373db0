import { basename, dirname, join } from 'node:path'
import { FtiError, nearest } from '../../base/index.ts'
import type { Signature, Value, ValueType } from '../../contract/index.ts'
import { type Column, type ColumnBatch, type Engine, quoteName, quoteText } from '../../engine/index.ts'
import type { Instance } from '../../scoring/index.ts'
import { instanceFields } from '../http/instance-check.ts'
import { checkInput, type FileFormat, inputError } from './check-input.ts'

/** Number of a row in its file, from 1; the header does not count. No file of anyone has a column of this name. */
export const rowColumn = '_fti_row'
export const instancesTable = '_fti_instances'

/** A file of instances as a table with numbered rows, and how each field of an instance is read from it. */
export interface InstanceFile {
  readonly format: FileFormat
  readonly path: string
  /** All columns of the file, in its order. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Instances in the order of the file, some thousand at a time, with the number of the first. */
  instances(): AsyncIterable<{ readonly firstRow: number; readonly instances: Instance[] }>
}

/**
 * Loads a file into the engine. Text of a csv stays text and values of ndjson stay JSON, so that nothing is guessed:
 * each field is read by the type that the signature declares. Errors: FTI_INPUT_INVALID for columns that are absent or
 * of another type, and those of the engine.
 */
export async function openInstanceFile(
  engine: Engine,
  path: string,
  signature: Signature,
  signal?: AbortSignal,
): Promise<InstanceFile> {
  const format = await checkInput(path)
  await load(engine, path, format, signal)
  const described = await engine.describe(`SELECT * FROM ${instancesTable}`)
  const columns = described.filter(({ name }) => name !== rowColumn)
  const needed = instanceFields(signature)
  refuseMissing(path, needed, columns)
  const fields = needed.map(({ name, type }) => {
    const stored = columns.find((column) => column.name === name)?.type ?? ''
    return { name, ...fieldReader(format, path, { name, type }, stored) }
  })
  const sql = format === 'ndjson' ? await selectMarked(engine, path, fields) : selectOf(fields)
  const made = [signature.output.name, 'model', 'warnings'].map((name) => name.toLowerCase())
  const taken = columns.find(({ name }) => made.includes(name.toLowerCase()))?.name
  if (taken !== undefined)
    throw inputError(path, `${basename(path)} has a column '${taken}' already`, `rename or drop '${taken}'`)
  return {
    format,
    path,
    columns,
    instances: async function* () {
      for await (const batch of engine.stream(sql, signal)) yield rowsOf(batch, fields)
    },
  }
}

function selectOf(fields: readonly FieldReader[]): string {
  const select = fields.map(({ sql }, i) => `${sql} AS f${i}`)
  return `SELECT ${[rowColumn, ...select].join(', ')} FROM ${instancesTable} ORDER BY ${rowColumn}`
}

/** In a table of ndjson a member that a row leaves out is null too: which those are is asked of the rows themselves. */
async function selectMarked(
  engine: Engine,
  path: string,
  fields: readonly (FieldReader & { readonly name: string })[],
): Promise<string> {
  await engine.execute(absentRows(quoteText(literal(path)), fields))
  const select = fields.map(({ sql }, i) => `CASE WHEN a${i} THEN '${absent}' ELSE ${sql} END AS f${i}`)
  return `SELECT ${[rowColumn, ...select].join(', ')}
    FROM ${instancesTable} LEFT JOIN ${absentTable} USING (${rowColumn}) ORDER BY ${rowColumn}`
}

/** Only the rows that leave something out, usually none, with a flag for each field. */
function absentRows(source: string, fields: readonly { readonly name: string }[]): string {
  const flags = fields.map(({ name }, i) => `NOT json_exists(json, ${quoteText(pointerTo(name))}) AS a${i}`)
  const rows = `SELECT row_number() OVER () AS ${rowColumn}, json FROM read_ndjson_objects(${source})`
  return `CREATE TABLE ${absentTable} AS SELECT * FROM (SELECT ${[rowColumn, ...flags].join(', ')} FROM (${rows}))
    WHERE ${fields.map((_, i) => `a${i}`).join(' OR ')}`
}

const absentTable = '_fti_absent'
/** Is no JSON, so no value of a row reads like it. */
const absent = 'absent'

/** A JSON pointer (RFC 6901) to a member of a row. */
function pointerTo(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

async function load(engine: Engine, path: string, format: FileFormat, signal?: AbortSignal): Promise<void> {
  const from = readers[format](quoteText(literal(path)))
  try {
    await engine.execute(
      `CREATE TABLE ${instancesTable} AS SELECT row_number() OVER () AS ${rowColumn}, * FROM ${from}`,
      signal,
    )
  } catch (error) {
    if (!(error instanceof FtiError) || !error.code.startsWith('FTI_SQL')) throw error
    throw inputError(path, `${basename(path)} cannot be read: ${error.message}`, 'correct the file', error)
  }
}

/** The file of this very name: to DuckDB `[1]` and `*` in it would be a pattern, which may match another one. */
function literal(path: string): string {
  return join(dirname(path), basename(path).replace(/[*?[]/g, '[$&]'))
}

const readers: Readonly<Record<FileFormat, (path: string) => string>> = {
  // Everything that DuckDB would otherwise guess: it takes rows for comments and for a preamble, and leaves them out.
  csv: (path) =>
    `read_csv(${path}, all_varchar = true, header = true, skip = 0, delim = ',', quote = '"', escape = '"',
      comment = '', nullstr = '', null_padding = false, strict_mode = true)`,
  ndjson: (path) => `read_ndjson(${path}, maximum_depth = 1, sample_size = -1)`,
  parquet: (path) => `read_parquet(${path})`,
}

interface FieldReader {
  readonly sql: string
  /** Undefined for a member that the row leaves out, as a request may. */
  readonly read: (column: Column) => (row: number) => Value | undefined
}

interface Field {
  readonly name: string
  readonly type: ValueType
}

function fieldReader(format: FileFormat, path: string, field: Field, stored: string): FieldReader {
  const name = quoteName(field.name)
  if (format === 'csv') return { sql: name, read: textReader((text) => fromText(field.type, text)) }
  // The text of the JSON value: the same characters that a request would have had.
  if (format === 'ndjson')
    return {
      sql: `CAST(${name} AS VARCHAR)`,
      read: textReader((text) => (text === absent ? undefined : (JSON.parse(text) as Value))),
    }
  if (!storedAs[field.type].test(stored)) throw wrongType(path, field, stored)
  if (field.type === 'timestamp') return { sql: name, read: numberReader((ms) => new Date(ms).toISOString()) }
  if (field.type === 'boolean') return { sql: name, read: numberReader((bit) => bit === 1) }
  if (field.type === 'int64')
    return { sql: `CAST(${name} AS VARCHAR)`, read: textReader((text) => fromText('int64', text)) }
  if (field.type === 'string' || field.type === 'date')
    return { sql: `CAST(${name} AS VARCHAR)`, read: textReader((text) => text) }
  return { sql: `CAST(${name} AS DOUBLE)`, read: numberReader((value) => value) }
}

/** DuckDB types of a Parquet column that hold a declared type without a guess; a timestamp must say its zone. */
const integer = /^U?(TINY|SMALL|BIG)?INT(EGER)?$/
const number = /^(U?(TINY|SMALL|BIG)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/
const storedAs: Readonly<Record<ValueType, RegExp>> = {
  string: /^(VARCHAR|ENUM\(.*\))$/,
  boolean: /^BOOLEAN$/,
  int32: integer,
  int64: integer,
  float32: number,
  float64: number,
  timestamp: /^TIMESTAMP WITH TIME ZONE$/,
  date: /^DATE$/,
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** Text that cannot be read as its type stays text, for the check of the instance to refuse. */
function fromText(type: ValueType, text: string): Value {
  if (type === 'string' || type === 'timestamp' || type === 'date') return text
  if (type === 'boolean') return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : text
  if (type === 'int64' && /^-?\d+$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : text
  return decimal.test(text) ? Number(text) : text
}

function textReader(convert: (text: string) => Value | undefined): FieldReader['read'] {
  return (column) => {
    if (column.kind !== 'text') throw new Error('a text column came back as numbers')
    const { values } = column
    return (row) => {
      const text = values[row] ?? null
      return text === null ? null : convert(text)
    }
  }
}

function numberReader(convert: (value: number) => Value): FieldReader['read'] {
  return (column) => {
    if (column.kind !== 'number') throw new Error('a number column came back as text')
    const { values, nulls } = column
    return (row) => (nulls[row] === 1 ? null : convert(values[row] as number))
  }
}

function rowsOf(batch: ColumnBatch, fields: readonly (FieldReader & { name: string })[]) {
  const reads = fields.map(({ name, read }, i) => ({ name, at: read(batch.columns[`f${i}`] as Column) }))
  const first = batch.columns[rowColumn]
  const instances = Array.from({ length: batch.rows }, (_, row) => {
    const instance: Record<string, Value> = {}
    for (const { name, at } of reads) {
      const value = at(row)
      if (value !== undefined) instance[name] = value
    }
    return instance
  })
  return { firstRow: first?.kind === 'number' ? (first.values[0] ?? 1) : 1, instances }
}

/** Names all columns that are missing, and what the model takes: what else the file has is no help in writing it. */
function refuseMissing(path: string, needed: readonly Field[], columns: readonly { readonly name: string }[]): void {
  const given = columns.map(({ name }) => name)
  const missing = needed.flatMap(({ name }) => (given.includes(name) ? [] : [name]))
  const [first] = missing
  if (first === undefined) return
  const taken = new Set(needed.map(({ name }) => name))
  const near = nearest(
    first,
    given.filter((name) => !taken.has(name)),
  )
  const hint = near === undefined ? '' : `; is its column '${near}' meant to be '${first}'?`
  const what = `no ${missing.length === 1 ? 'column' : 'columns'} ${missing.map((name) => `'${name}'`).join(', ')}`
  const remedy = `the model takes ${[...taken].join(', ')}${hint}`
  throw inputError(path, `${basename(path)} has ${what}`, remedy)
}

function wrongType(path: string, { name, type }: Field, stored: string): FtiError {
  const isZoneless = type === 'timestamp' && stored.startsWith('TIMESTAMP')
  const remedy = isZoneless
    ? 'write it as a timestamp in UTC: without a zone it is another moment on another machine'
    : `write the column as ${type}`
  return inputError(path, `column '${name}' of ${basename(path)} is ${stored}, the model takes ${type}`, remedy)
}
