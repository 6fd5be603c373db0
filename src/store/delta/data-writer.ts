import { link, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  findDeadStaging,
  makeDirectory,
  newId,
  openStaging,
  removeDeadStaging,
  sha256File,
  storageError,
  syncDirectory,
  syncFile,
} from '../../base/index.ts'
import type { Engine, ParquetFile } from '../../engine/index.ts'
import { loadState } from './load-state.ts'
import { listLog, readLog } from './log.ts'
import { decodedPath } from './table-state.ts'

/** A file of a table with the digest of its bytes. */
export interface WrittenFile extends ParquetFile {
  readonly sha256: string
}

/** Parquet files on their way into a table: durable and in place before a log entry names them. */
export interface DataWriter {
  /** Writes a query's result under a new name; the file lies in the table's folder afterwards, yet in no snapshot. */
  write(engine: Engine, sql: string, signal?: AbortSignal): Promise<WrittenFile>
  /** Takes back the files of an attempt that failed, unless the log names them after all. */
  withdraw(): Promise<void>
  /** Ends the work. Call it after the commit: until then the staging folder tells what to remove if we die. */
  close(): Promise<void>
}

/** Opens a writer for a table's folder, and removes what writers that died have left there. */
export async function openDataWriter(table: string): Promise<DataWriter> {
  await makeDirectory(join(table, '_delta_log'))
  await removeLeftovers(table)
  const staging = await openStaging(table)
  const written: string[] = []
  return {
    write: async (engine, sql, signal) => {
      const name = `part-${newId()}.parquet`
      const staged = join(staging.path, name)
      const file = await engine.writeParquet(sql, staged, { signal })
      // The disk works while the processor does.
      const [sha256] = await Promise.all([sha256File(staged), syncFile(staged)])
      await syncDirectory(staging.path)
      try {
        await link(staged, join(table, name))
      } catch (error) {
        throw storageError(error, table)
      }
      written.push(name)
      await syncDirectory(table)
      return { ...file, path: join(table, name), sha256 }
    },
    withdraw: async () => {
      // A sync that failed may have come after the entry was in place: then the files are data.
      const named = await namedFiles(table)
      for (const name of written.splice(0)) {
        if (!named.has(name)) await rm(join(table, name), { force: true })
        await rm(join(staging.path, name), { force: true })
      }
    },
    close: () => staging.discard(),
  }
}

/**
 * A dead writer's staging folder names the files that it had put in place. Those that no log entry
 * ever named can go; those that one did are data, for the writer died between its commit and its cleaning up.
 */
export async function removeLeftovers(table: string): Promise<void> {
  const dead = await findDeadStaging(table)
  await removeDeadStaging(join(table, '_delta_log'))
  if (dead.length === 0) return
  const named = await namedFiles(table)
  for (const folder of dead) {
    // Another process may be cleaning up the same folder.
    for (const name of await readdir(join(table, folder)).catch(() => [] as string[])) {
      if (name.endsWith('.parquet') && !named.has(name)) await rm(join(table, name), { force: true })
    }
    await rm(join(table, folder), { recursive: true, force: true })
  }
}

/** Every file that any version of the table has, or had, as far as the log goes back. */
async function namedFiles(table: string): Promise<Set<string>> {
  const listing = await listLog(table)
  if (listing.newest === undefined) return new Set()
  const log = await readLog(table, listing)
  const named = new Set(
    log.flatMap(({ actions }) => actions.flatMap(({ add }) => (add ? [decodedPath(add.path)] : []))),
  )
  if (listing.entries[0] === 0) return named
  const { files, removed } = await loadState(table, listing, listing.newest)
  return new Set([...named, ...files.keys(), ...removed.keys()])
}
