import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FtiError, isSystemError } from '../../base/index.ts'
import { storeErrors } from '../errors.ts'
import { erasedRows } from './erased-rows.ts'
import type { DataFile, Snapshot } from './snapshot.ts'

/**
 * Refuses a snapshot one of whose files is gone or has another size than the log says, or of which rows were erased: DuckDB's
 * own error would speak of somebody's statement. Contents are not read.
 */
export async function checkDataFiles(snapshot: Snapshot): Promise<void> {
  const { files } = snapshot
  for (let begin = 0; begin < files.length; begin += 64) {
    await Promise.all(files.slice(begin, begin + 64).map((file) => checkDataFile(snapshot, file)))
  }
}

async function checkDataFile(snapshot: Snapshot, file: DataFile): Promise<void> {
  const found = await stat(join(snapshot.table, file.path)).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  })
  if (found?.size === file.bytes) return
  if (found === undefined) throw (await erasedRows(snapshot, file)) ?? missingFile(snapshot, file)
  throw damagedFile(snapshot, file, `has ${found.size} bytes instead of ${file.bytes}`)
}

function missingFile(snapshot: Snapshot, file: DataFile): FtiError {
  const removed = 'where `fti store vacuum` or `fti feature forget` has removed it, read a newer snapshot'
  const remedy = `restore that file from a backup; ${removed}: \`fti feature history\` lists them`
  return damagedFile(snapshot, file, 'is missing', remedy)
}

/** An error for a file that is not what the log says, as `what` tells behind "a data file of delays@3". */
export function damagedFile(
  { table, metadata, version }: Snapshot,
  { path }: DataFile,
  what: string,
  remedy = 'restore that file from a backup; nothing can stand in for it',
): FtiError {
  // Tables of other writers may have no name; the folder above the contract version has that of the group.
  const name = metadata.name ?? basename(dirname(table))
  return new FtiError(storeErrors.FTI_TABLE_CORRUPT, {
    message: `a data file of ${name}@${version} ${what}`,
    place: join(table, path),
    remedy,
    data: { table: name, snapshot: version, file: path },
  })
}
