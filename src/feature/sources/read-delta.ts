import { join, relative } from 'node:path'
import { digestOf, FtiError } from '../../base/index.ts'
import type { DeltaSource } from '../../contract/index.ts'
import { readSnapshot, tableRelation } from '../../store/index.ts'
import { featureErrors } from '../errors.ts'
import { stampedFile } from './files/source-files.ts'
import type { Reading, ReadOptions } from './reading.ts'
import { asFileSource } from './spooled.ts'
import { whereIs } from './where-is.ts'

/** The newest snapshot of a table that another engine writes. What is committed while it is read, the next run reads. */
export async function readDelta(source: DeltaSource, { project }: ReadOptions): Promise<Reading> {
  const snapshot = await readSnapshot(source.path)
  if (snapshot === undefined) throw noTable(source, whereIs(source, project.directory))
  const digest = digestOf({ table: snapshot.metadata.id, version: snapshot.rowsVersion })
  const open = async () => {
    const paths = snapshot.files.map((file) => join(snapshot.table, file.path))
    const files = await Promise.all(paths.map((path) => stampedFile(source, path, relative(project.directory, path))))
    return { source: asFileSource(source, 'parquet'), files, digest, relation: tableRelation(snapshot) }
  }
  return { source, digest, open }
}

function noTable(source: DeltaSource, place: string): FtiError {
  return new FtiError(featureErrors.FTI_SOURCE_MISSING, {
    message: `source '${source.name}' has no Delta table: ${place} holds no _delta_log`,
    place: `sources.${source.name}.path`,
    remedy: `name the folder of a table: sources.${source.name}.path`,
    data: { source: source.name, path: source.path },
  })
}
