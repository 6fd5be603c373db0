import { FtiError } from '../../base/index.ts'
import { storeErrors } from '../errors.ts'
import type { AddFile, Metadata, Protocol } from './delta-action.ts'

/** What fti writes: the oldest protocol, which every reader of Delta tables knows. */
export const ourProtocol: Protocol = { minReaderVersion: 1, minWriterVersion: 2 }

/** The last reader version that there is: from it on, a table lists the features that a reader must know. */
const featureVersion = 3

/**
 * Reader features that need nothing of us, or nothing as long as no file uses them: a file with a deletion vector, and a
 * mapping that is switched on, are refused where they are met.
 */
const harmless = new Set([
  'columnMapping',
  'deletionVectors',
  'typeWidening',
  'typeWidening-preview',
  'vacuumProtocolCheck',
])

/** Names that people know; the others are written as the table has them. */
const featureNames: Readonly<Record<string, string>> = {
  v2Checkpoint: 'v2 checkpoints',
  timestampNtz: 'timestamp_ntz, which is time without a zone',
}

/** Refuses a table that fti would read wrongly, by the name of the feature. */
export function refuseUnreadable(table: string, protocol: Protocol, metadata: Metadata): void {
  const mapping = metadata.configuration['delta.columnMapping.mode']
  if (mapping !== undefined && mapping !== 'none') throw unsupported(table, `column mapping (${mapping})`)
  if (protocol.minReaderVersion > featureVersion)
    throw unsupported(table, `reader version ${protocol.minReaderVersion}, which is of the future`)
  const unknown = (protocol.readerFeatures ?? []).filter((feature) => !harmless.has(feature))
  if (unknown.length > 0) throw unsupported(table, unknown.map(featureText).join(', '))
}

/** Refuses to write where a writer of protocol 2 would leave something out that other writers rely on. */
export function refuseUnwritable(table: string, protocol: Protocol, metadata: Metadata): void {
  const features = (protocol.writerFeatures ?? []).filter((feature) => feature !== 'appendOnly')
  if (protocol.minWriterVersion > ourProtocol.minWriterVersion && protocol.minWriterVersion !== 7)
    throw unwritable(table, `writer version ${protocol.minWriterVersion}`)
  if (features.length > 0) throw unwritable(table, features.map(featureText).join(', '))
  if (metadata.partitionColumns.length > 0) throw unwritable(table, `partitions by ${metadata.partitionColumns}`)
  if (metadata.schemaString.includes('delta.invariants')) throw unwritable(table, 'invariants')
}

function featureText(feature: string): string {
  return featureNames[feature] ?? `the feature ${feature}`
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

function unwritable(table: string, feature: string): FtiError {
  return new FtiError(storeErrors.FTI_TABLE_UNSUPPORTED, {
    message: `this table uses ${feature}: fti reads it, but does not write it`,
    place: table,
    remedy: 'let the engine that writes this table go on with it, or copy it into one of protocol reader 1, writer 2',
  })
}
