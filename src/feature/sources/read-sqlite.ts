import { constants } from 'node:fs'
import { copyFile, open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FtiError, isSystemError, sha256File, storageError, throwIfCancelled } from '../../base/index.ts'
import type { SqliteSource } from '../../contract/index.ts'
import { openEngine } from '../../engine/index.ts'
import { featureErrors } from '../errors.ts'
import { exportSqlite } from './export-sqlite.ts'
import { sourceChanged } from './files/source-files.ts'
import type { Reading, ReadOptions } from './reading.ts'
import { spooledFiles } from './spooled.ts'
import { whereIs } from './where-is.ts'

/** A table of an SQLite file. The file is copied first: nobody waits for us, and what we read cannot change. */
export async function readSqlite(source: SqliteSource, options: ReadOptions): Promise<Reading> {
  const place = whereIs(source, options.project.directory)
  const copy = join(options.folder, 'database')
  await copyDatabase(source, copy, place)
  const digest = await sha256File(copy)
  const open = async () => {
    const tempDirectory = join(options.project.state, 'tmp')
    const engine = await openEngine({ tempDirectory, allowedDirectories: [options.folder], threads: 1 })
    try {
      const breathe = () => throwIfCancelled(options.signal)
      const paths = await exportSqlite(engine, { source, database: copy, folder: options.folder, place, breathe })
      return { ...(await spooledFiles(source, 'parquet', paths, place)), digest }
    } finally {
      await engine.close()
    }
  }
  let opened: ReturnType<typeof open> | undefined
  return { source, digest, open: () => (opened ??= open()) }
}

async function copyDatabase(source: SqliteSource, copy: string, place: string): Promise<void> {
  try {
    await refuseUnfinished(source, place)
    const before = await stampOf(source.path)
    await copyFile(source.path, copy, constants.COPYFILE_FICLONE)
    if ((await stampOf(source.path)) !== before) throw sourceChanged(source, place)
    await checkHeader(source, copy, place)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) throw storageError(error, place)
    throw new FtiError(featureErrors.FTI_SOURCE_MISSING, {
      message: `source '${source.name}' has no database file: ${place}`,
      place: `sources.${source.name}.path`,
      remedy: `put the file there, or change sources.${source.name}.path`,
      cause: error,
    })
  }
}

async function stampOf(path: string): Promise<string> {
  const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true })
  return [size, mtimeNs, ctimeNs, ino].join('-')
}

/** What a writer keeps beside the file belongs to its rows: without it they are half a transaction, or old. */
async function refuseUnfinished(source: SqliteSource, place: string): Promise<void> {
  for (const [ending, what] of [
    ['-wal', 'changes in its write-ahead log that are not in the file yet'],
    ['-journal', 'a transaction that is not finished'],
  ] as const) {
    const beside = await stat(source.path + ending).catch(() => undefined)
    if (beside === undefined || beside.size === 0) continue
    throw new FtiError(featureErrors.FTI_SOURCE_CHANGED, {
      message: `the database of source '${source.name}' has ${what}`,
      place: `${place}${ending}`,
      remedy: `run this again when its writer is done, or read a copy: sqlite3 ${place} ".backup copy.db"`,
    })
  }
}

const magic = 'SQLite format 3\0'

/** A file that was last written with a write-ahead log says so in its header, and could not be opened without one. */
async function checkHeader(source: SqliteSource, copy: string, place: string): Promise<void> {
  const file = await open(copy, 'r+')
  try {
    const { buffer } = await file.read(Buffer.alloc(20), 0, 20, 0)
    if (buffer.toString('latin1', 0, magic.length) !== magic) {
      throw new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
        message: `source '${source.name}' is no SQLite database`,
        place,
        remedy: `name a database file: sources.${source.name}.path`,
      })
    }
    if (buffer[18] === 2) await file.write(Buffer.from([1, 1]), 0, 2, 18)
  } finally {
    await file.close()
  }
}
