import { readdir, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { didYouMean, FtiError, findTextProblem, isSystemError } from '../../base/index.ts'
import { inferenceErrors } from '../errors.ts'

export type FileFormat = 'csv' | 'ndjson' | 'parquet'

/** The format that a name says, without the `.gz` of a compressed one; undefined for any other. */
export function fileFormat(path: string): FileFormat | undefined {
  const kind = /\.(csv|ndjson|parquet)$/i.exec(path)?.[1]
  return kind?.toLowerCase() as FileFormat | undefined
}

/** The format of a file of instances that can be read to its end. DuckDB takes a half gzip for a whole one. */
export async function checkInput(path: string): Promise<FileFormat> {
  const name = basename(path)
  const format = fileFormat(path.replace(/\.gz$/i, ''))
  if (format === undefined || (format === 'parquet' && /\.gz$/i.test(path)))
    throw inputError(path, `${name} is not a csv, ndjson or parquet file`, 'convert it, or rename it')
  const found = await stat(path).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  })
  if (found === undefined) throw await missingFile(path)
  if (!found.isFile()) throw inputError(path, `${name} is not a file`, 'name a file')
  if (found.size === 0) throw inputError(path, `${name} is empty`, 'write a header and rows into it')
  if (format !== 'parquet') await checkText(path)
  return format
}

async function missingFile(path: string): Promise<FtiError> {
  const beside = await readdir(dirname(path)).catch(() => [] as string[])
  const readable = beside.filter((name) => fileFormat(name.replace(/\.gz$/i, '')) !== undefined)
  return inputError(path, `there is no file ${basename(path)}`, didYouMean(basename(path), readable))
}

async function checkText(path: string): Promise<void> {
  const problem = await findTextProblem(path)
  if (problem?.kind === 'gzip') {
    const remedy = 'copy the file again, whole'
    throw inputError(path, `${basename(path)} is cut off or damaged: ${problem.reason}`, remedy)
  }
  if (problem?.kind === 'encoding')
    throw inputError(`${path}:${problem.line}`, `${basename(path)} is not UTF-8`, 'write the file as UTF-8')
}

export function inputError(place: string, message: string, remedy: string, cause?: FtiError): FtiError {
  // Behind what is wrong DuckDB lists its own options, which nobody can set here.
  const detail = cause?.detail?.split(/\n\s*(?:Possible|The search space|LINE \d)/)[0]
  return new FtiError(inferenceErrors.FTI_INPUT_INVALID, { message, place, remedy, detail, cause })
}
