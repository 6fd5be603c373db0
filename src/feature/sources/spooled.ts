import { digestOf } from '../../base/index.ts'
import type { FileSource, Source } from '../../contract/index.ts'
import { type SourceFiles, spooledFile } from './files/source-files.ts'
import type { Reading } from './reading.ts'

/** A source as what was fetched of it is read: files of this format, under the source's name. */
export function asFileSource(source: Source, type: FileSource['type']): FileSource {
  const form = 'nulls' in source ? source : { nulls: [], delimiter: ',', encoding: 'utf-8' as const }
  const { name, types, timeZone } = source
  const { nulls, delimiter, encoding } = form
  return { name, type, path: '', types, timeZone, nulls, delimiter, encoding }
}

/** Files that were fetched, known to people by the place that they came from. */
export async function spooledFiles(
  source: Source,
  type: FileSource['type'],
  paths: readonly string[],
  place: string,
): Promise<SourceFiles> {
  const files = await Promise.all(paths.map((path) => spooledFile(path, place)))
  return { source: asFileSource(source, type), files, digest: digestOf(files.map(({ sha256 }) => sha256)) }
}

/** A source whose content had to be fetched to be known. */
export function fetched(source: Source, files: SourceFiles): Reading {
  return { source, digest: files.digest, open: async () => files }
}
