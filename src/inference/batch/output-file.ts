import { rename, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FtiError, storageError, syncDirectory, syncFile } from '../../base/index.ts'
import type { Signature, ValueType } from '../../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../../engine/index.ts'
import { inferenceErrors } from '../errors.ts'
import { instanceFields } from '../http/instance-check.ts'
import { type FileFormat, fileFormat } from './check-input.ts'
import { type InstanceFile, instancesTable, rowColumn } from './instance-file.ts'
import { scoredTable } from './score-rows.ts'

const copyOptions: Readonly<Record<FileFormat, string>> = {
  csv: 'FORMAT csv, HEADER true',
  ndjson: 'FORMAT json',
  parquet: 'FORMAT parquet',
}

/** Refuses an output that is the input, a folder, or of a format that is not written, before anything is computed. */
export async function checkOutput(input: string, output: string): Promise<void> {
  const refuse = (message: string, remedy: string) => {
    throw new FtiError(inferenceErrors.FTI_OUTPUT_REFUSED, { message, place: output, remedy })
  }
  const found = await stat(output).catch(() => undefined)
  const source = await stat(input).catch(() => undefined)
  // By another name too: a link, or other letters where upper and lower case are alike.
  const isSame = found !== undefined && found.ino === source?.ino && found.dev === source.dev
  if (input === output || isSame) refuse('the output is the input', 'write to another file')
  if (fileFormat(output) === undefined)
    refuse(`${basename(output)} is not a csv, ndjson or parquet file`, 'end its name with .csv, .ndjson or .parquet')
  if (found?.isDirectory()) refuse('the output is a folder', 'name a file in it')
}

export interface OutputRequest {
  /** Out of sight, on the file system of the output. */
  readonly folder: string
  readonly output: string
  readonly file: InstanceFile
  readonly signature: Signature
  /** `late_departure@3`. */
  readonly model: string
  readonly signal?: AbortSignal | undefined
}

/** Writes the rows of a file with their scores into a file out of sight, which then takes the output's place. */
export async function writeOutput(engine: Engine, request: OutputRequest): Promise<void> {
  const { folder, output } = request
  const format = fileFormat(output) ?? 'csv'
  const staged = join(folder, basename(output))
  const copy = `COPY (${outputSql(request, format)}) TO ${quoteText(staged)} (${copyOptions[format]})`
  await engine.execute(copy, request.signal)
  await syncFile(staged)
  await rename(staged, output).catch((error: unknown) => {
    throw storageError(error, output)
  })
  await syncDirectory(dirname(output))
}

/** The columns of the input, then prediction, model and warnings (null when there are none), in the order of the input. */
function outputSql({ file, signature, model }: OutputRequest, format: FileFormat): string {
  const types = new Map(instanceFields(signature).map(({ name, type }) => [name, type]))
  const columns = file.columns.map(
    ({ name }) => `${inputColumn(file.format, format, name, types.get(name))} AS ${quoteName(name)}`,
  )
  return `SELECT ${columns.join(', ')}, s.output AS ${quoteName(signature.output.name)}, ${quoteText(model)} AS model, s.warnings
    FROM ${instancesTable} i JOIN ${scoredTable} s USING (${rowColumn}) ORDER BY i.${rowColumn}`
}

/** Text of a csv and values of ndjson take on their declared type where the output has types; other columns stay as they are. */
function inputColumn(from: FileFormat, to: FileFormat, name: string, type: ValueType | undefined): string {
  const column = `i.${quoteName(name)}`
  if (from === to || from === 'parquet') return column
  const text = from === 'ndjson' ? `(${column} ->> '$')` : column
  if (to === 'csv' || type === undefined) return text
  return `CAST(${type === 'timestamp' ? withSeconds(text) : text} AS ${sqlTypes[type]})`
}

/** DuckDB wants the seconds, which a request may leave out. */
function withSeconds(text: string): string {
  return `regexp_replace(${text}, '^(.{10}T\\d\\d:\\d\\d)(Z|[+-])', '\\1:00\\2')`
}

const sqlTypes: Readonly<Record<ValueType, string>> = {
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
  int32: 'INTEGER',
  int64: 'BIGINT',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  timestamp: 'TIMESTAMPTZ',
  date: 'DATE',
}
