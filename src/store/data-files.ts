import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FtiError, isSystemError } from '../base/index.ts'
import { storeErrors } from './errors.ts'
import type { DataFile, Snapshot } from './snapshot.ts'

/**
 * Refuses a snapshot one of whose files is gone or has another size than the log says: DuckDB's own error would speak of
 * somebody's statement. Contents are not read.
 */
export async function checkDataFiles({ table, files, version }: Snapshot): Promise<void> {
  for (let begin = 0; begin < files.length; begin += 64) {
    await Promise.all(files.slice(begin, begin + 64).map((file) => checkDataFile(table, version, file)))
  }
}

async function checkDataFile(table: string, version: number, { path, bytes }: DataFile): Promise<void> {
  const place = join(table, path)
  const found = await stat(place).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  })
  if (found?.size === bytes) return
  throw new FtiError(storeErrors.FTI_TABLE_CORRUPT, {
    message:
      found === undefined
        ? `a data file of snapshot ${version} is missing`
        : `a data file of snapshot ${version} has ${found.size} bytes instead of ${bytes}`,
    place,
    remedy: 'restore that file from a backup; nothing can stand in for it',
  })
}
