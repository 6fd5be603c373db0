import { createInterface } from 'node:readline'
import { FtiError, openText } from '../../../base/index.ts'
import type { FileSource } from '../../../contract/index.ts'
import { type Engine, quoteFile } from '../../../engine/index.ts'
import type { SourceFile } from './source-files.ts'
import { csvOptions } from './source-reader.ts'

/**
 * DuckDB says of a small file with one wrong line only that it cannot make out the format. Reading it again with as many
 * columns as the header has finds the line. Returns the better error, else the given one.
 */
export async function explainCsv(
  engine: Engine,
  source: FileSource,
  error: unknown,
  files: readonly SourceFile[],
): Promise<unknown> {
  if (!(error instanceof FtiError)) return error
  const path = /when sniffing file "(.*)"/.exec(error.message)?.[1]
  const file = files.find((candidate) => candidate.path === path)
  if (file === undefined) return error
  const columns = Array.from({ length: await headerWidth(source, file) }, (_, index) => `'c${index}': 'VARCHAR'`)
  const options = [...csvOptions(source), 'auto_detect = false', `columns = {${columns.join(', ')}}`]
  try {
    await engine.rows(`SELECT count(c0) FROM read_csv([${quoteFile(file.path)}], ${options.join(', ')})`)
    return error
  } catch (better) {
    return better
  }
}

async function headerWidth(source: FileSource, file: SourceFile): Promise<number> {
  for await (const line of createInterface({ input: openText(file.path).setEncoding('latin1') })) {
    const outside = line.replace(/"[^"]*"/g, '')
    return outside.split(source.delimiter).length
  }
  return 1
}
