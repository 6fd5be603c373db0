import { FtiError, findTextProblem } from '../../../base/index.ts'
import type { FileSource } from '../../../contract/index.ts'
import { featureErrors } from '../../errors.ts'
import type { SourceFile } from './source-files.ts'

type TextFile = Pick<SourceFile, 'path' | 'name'>

/**
 * Reads a text file once, or its beginning, and fails when its gzip is cut off or its bytes are not the declared encoding. DuckDB takes
 * half a gzip for a whole one, and can lose its database to text that is not UTF-8.
 */
export async function checkTextFile(source: FileSource, file: TextFile, upToBytes?: number): Promise<void> {
  const encoding = source.encoding === 'utf-8' ? 'utf-8' : 'any'
  const problem = await findTextProblem(file.path, { encoding, upToBytes })
  if (problem?.kind === 'gzip') throw broken(source, file, problem.reason)
  if (problem?.kind === 'encoding') throw wrongEncoding(source, file, problem.line)
}

function broken(source: FileSource, file: TextFile, reason: string): FtiError {
  return new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
    message: `source '${source.name}' has a gzip file that is cut off or damaged: ${reason}`,
    place: file.name,
    remedy: 'copy the file again, whole: under another name first, then rename it',
  })
}

function wrongEncoding(source: FileSource, file: TextFile, line: number): FtiError {
  const remedy =
    source.type === 'csv'
      ? `write the file as UTF-8, or say how it is encoded: sources.${source.name}.encoding: latin-1`
      : 'write the file as UTF-8'
  return new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
    message: `source '${source.name}' is not UTF-8 in line ${line}`,
    place: `${file.name}:${line}`,
    remedy,
  })
}
