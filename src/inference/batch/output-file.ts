import { rename, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { FtiError, storageError, syncDirectory, syncFile } from '../../base/index.ts'
import { type Engine, quoteName, quoteText } from '../../engine/index.ts'
import { inferenceErrors } from '../errors.ts'

const formats: Readonly<Record<string, string>> = {
  '.csv': 'FORMAT csv, HEADER true',
  '.ndjson': 'FORMAT json',
  '.parquet': 'FORMAT parquet',
}

/** Refuses an output that is the input, a folder, or of a format that is not written, before anything is computed. */
export async function checkOutput(input: string, output: string): Promise<void> {
  const refuse = (message: string, remedy: string) => {
    throw new FtiError(inferenceErrors.FTI_OUTPUT_REFUSED, { message, place: output, remedy })
  }
  if (input === output) refuse('the output is the input', 'write to another file')
  if (!(extname(output).toLowerCase() in formats))
    refuse(`${basename(output)} is not a csv, ndjson or parquet file`, 'end its name with .csv, .ndjson or .parquet')
  const found = await stat(output).catch(() => undefined)
  if (found?.isDirectory()) refuse('the output is a folder', 'name a file in it')
}

/** Writes the rows of `_input` with those of `_scored` into a file out of sight, which then takes the output's place. */
export async function writeOutput(
  engine: Engine,
  { folder, output, model, column }: { folder: string; output: string; model: string; column: string },
): Promise<void> {
  const staged = join(folder, basename(output))
  await engine.execute(
    `COPY (SELECT i.* EXCLUDE (_row), s.output AS ${quoteName(column)}, ${quoteText(model)} AS model, s.warnings
       FROM _input i JOIN _scored s USING (_row) ORDER BY i._row)
     TO ${quoteText(staged)} (${formats[extname(output).toLowerCase()]})`,
  )
  await syncFile(staged)
  await rename(staged, output).catch((error: unknown) => {
    throw storageError(error, output)
  })
  await syncDirectory(dirname(output))
}
