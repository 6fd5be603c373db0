import { FtiError } from '../base/index.ts'
import type { AddFile, Metadata, Protocol } from './delta-action.ts'
import { storeErrors } from './errors.ts'

/** What fti writes: the oldest protocol, which every reader of Delta tables knows. */
export const ourProtocol: Protocol = { minReaderVersion: 1, minWriterVersion: 2 }

/** Refuses a table that a reader of protocol 1 would read wrongly, by the name of the feature. */
export function refuseUnreadable(table: string, protocol: Protocol, metadata: Metadata): void {
  const features = protocol.readerFeatures ?? []
  const mapping = metadata.configuration['delta.columnMapping.mode']
  if (mapping !== undefined && mapping !== 'none') throw unsupported(table, `column mapping (${mapping})`)
  if (features.length > 0) throw unsupported(table, `the reader feature ${features.join(', ')}`)
  if (protocol.minReaderVersion > ourProtocol.minReaderVersion)
    throw unsupported(table, `reader version ${protocol.minReaderVersion}`)
  if (metadata.partitionColumns.length > 0) throw unsupported(table, `partitions by ${metadata.partitionColumns}`)
}

/** Refuses to write where a writer of protocol 2 would leave something out that other writers rely on. */
export function refuseUnwritable(table: string, protocol: Protocol): void {
  const features = protocol.writerFeatures ?? []
  if (protocol.minWriterVersion <= ourProtocol.minWriterVersion && features.length === 0) return
  throw unsupported(table, `writer version ${protocol.minWriterVersion}${features.map((name) => ` ${name}`).join()}`)
}

/** The file's path relative to the table, decoded; refuses what lies outside it or has deleted rows. */
export function dataPath(table: string, add: AddFile): string {
  if (add.deletionVector !== undefined && add.deletionVector !== null) throw unsupported(table, 'deletion vectors')
  const path = decoded(table, add.path)
  if (/^[a-z][a-z0-9+.-]*:/i.test(path) || path.startsWith('/')) throw unsupported(table, `files elsewhere (${path})`)
  if (path.split(/[\\/]/).includes('..')) throw wrongPath(table, `outside its table: ${path}`)
  return path
}

function decoded(table: string, path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw wrongPath(table, `by a path that cannot be decoded: ${path}`)
  }
}

function wrongPath(table: string, what: string): FtiError {
  return new FtiError(storeErrors.FTI_TABLE_CORRUPT, {
    message: `the log names a file ${what}`,
    place: table,
    remedy: 'restore the table from a backup you trust',
  })
}

export function unsupported(table: string, feature: string): FtiError {
  return new FtiError(storeErrors.FTI_TABLE_UNSUPPORTED, {
    message: `this table uses ${feature}, which fti does not support`,
    place: table,
    remedy: 'switch the feature off and rewrite the table, or copy it into one of protocol reader 1, writer 2',
  })
}
