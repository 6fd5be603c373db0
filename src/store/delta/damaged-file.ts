import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { counted, exitCode, FtiError, throwIfCancelled, withCleanUp } from '../../base/index.ts'
import { type Engine, mayComeOfAFile, openEngine, quoteFile } from '../../engine/index.ts'
import { storeErrors } from '../errors.ts'
import { checkDataFiles, damagedFile } from './data-files.ts'
import type { DataFile, Snapshot } from './snapshot.ts'

/**
 * Does work that reads the data files of snapshots. Where it fails because a file is not what was written, the error names that file:
 * DuckDB's own speaks of somebody's statement, and often of no file at all. The files are read again to find out, which only a
 * failure pays for. Whatever else went wrong is thrown as it is.
 */
export async function whileReading<T>(snapshots: Iterable<Snapshot | undefined>, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw mayComeOfAFile(error) ? ((await findDamage(snapshots)) ?? error) : error
  }
}

/** An error for the first file that cannot be read back; undefined when all can be, or when that cannot be found out. */
async function findDamage(snapshots: Iterable<Snapshot | undefined>): Promise<FtiError | undefined> {
  const read = [...snapshots].filter((snapshot) => snapshot !== undefined)
  try {
    const spill = await mkdtemp(join(tmpdir(), 'fti-examine-'))
    const examine = async () => {
      // The engine that failed may be beyond use.
      const engine = await openEngine({ tempDirectory: spill, allowedDirectories: read.map(({ table }) => table) })
      const readBack = async () => {
        for (const snapshot of read) await readBackFiles(engine, snapshot)
      }
      await withCleanUp(readBack, () => engine.close())
    }
    await withCleanUp(examine, () => rm(spill, { recursive: true, force: true }))
    return undefined
  } catch (error) {
    if (!(error instanceof FtiError)) return undefined
    const isOfAFile = error.exit === exitCode.corrupt || error.code === storeErrors.FTI_SNAPSHOT_ERASED.code
    return isOfAFile ? error : undefined
  }
}

async function readBackFiles(engine: Engine, snapshot: Snapshot): Promise<void> {
  await checkDataFiles(snapshot)
  for (const file of snapshot.files) {
    const wrong = await whatIsWrong(engine, snapshot, file)
    if (wrong !== undefined) throw damagedFile(snapshot, file, `is damaged: ${wrong}`)
  }
}

/** Reads every value of a file; undefined when they all can be read and are as many as the log says. */
export async function whatIsWrong(
  engine: Engine,
  { table, schema }: Snapshot,
  file: DataFile,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const from = `read_parquet([${quoteFile(join(table, file.path))}], hive_partitioning = false)`
  try {
    const columns = await engine.describe(`SELECT * FROM ${from}`)
    const known = new Set(schema.map(({ name }) => name))
    const unknown = columns.find(({ name }) => !known.has(name))
    if (unknown !== undefined) return `it has a column '${unknown.name}', which the table does not`
    const [read] = await engine.rows<{ rows: number }>(
      `SELECT count(*) AS rows, bit_xor(hash(row)) AS digest FROM ${from} AS row`,
      signal,
    )
    return read?.rows === file.rows ? undefined : `it has ${counted(read?.rows ?? 0, 'row')} instead of ${file.rows}`
  } catch (error) {
    throwIfCancelled(signal)
    return error instanceof Error ? error.message : String(error)
  }
}
