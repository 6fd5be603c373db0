import { basename, extname } from 'node:path'
import { didYouMean, FtiError } from '../../base/index.ts'
import type { Signature } from '../../contract/index.ts'
import { type Engine, quoteText } from '../../engine/index.ts'
import { inferenceErrors } from '../errors.ts'
import { instanceFields } from '../instance-check.ts'

const readers: Readonly<Record<string, (file: string) => string>> = {
  // Columns stay text: each value is checked against its type as a request's is, instead of being guessed.
  '.csv': (file) => `read_csv(${file}, header = true, all_varchar = true, nullstr = '')`,
  '.ndjson': (file) => `read_json(${file}, format = 'newline_delimited')`,
  '.parquet': (file) => `read_parquet(${file})`,
}

/** The file as the table `_input`, numbered by `_row`; returns its columns with their DuckDB types. */
export async function openInput(engine: Engine, input: string, signature: Signature): Promise<Map<string, string>> {
  const name = basename(input)
  const reader = readers[extname(input.replace(/\.gz$/, '')).toLowerCase()]
  if (reader === undefined)
    throw inputError(input, `${name} is not a csv, ndjson or parquet file`, 'convert it, or rename it')
  try {
    await engine.execute(
      `CREATE TABLE _input AS SELECT row_number() OVER () - 1 AS _row, * FROM ${reader(quoteText(input))}`,
    )
  } catch (error) {
    if (!(error instanceof FtiError) || !error.code.startsWith('FTI_SQL')) throw error
    throw inputError(input, `${name} cannot be read: ${error.message}`, 'correct the file', error)
  }
  const types = new Map(
    (await engine.describe('SELECT * EXCLUDE (_row) FROM _input')).map((column) => [column.name, column.type]),
  )
  const missing = instanceFields(signature).find((field) => !types.has(field.name))
  if (missing)
    throw inputError(input, `${name} has no column '${missing.name}'`, didYouMean(missing.name, types.keys()))
  const taken = [signature.output.name, 'model', 'warnings'].find((made) => types.has(made))
  if (taken !== undefined) throw inputError(input, `${name} has a column '${taken}' already`, 'rename or drop it')
  return types
}

export function inputError(place: string, message: string, remedy: string, cause?: FtiError): FtiError {
  return new FtiError(inferenceErrors.FTI_INPUT_INVALID, { message, place, remedy, detail: cause?.detail, cause })
}
