import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory, newId, storageError, syncDirectory } from '../base/index.ts'

/** One file of a prediction log. Only its writer's process appends to it. */
export interface LogSegment {
  readonly path: string
  readonly descriptor: number
  bytes: number
  /** Syncs and closes; removes the file when nothing was written. */
  finish(): Promise<void>
  /** Closes and asks the disk for nothing more. */
  abandon(): void
}

/** Makes a new file that no other writer uses, and its name durable: a line in a file that is lost is lost too. */
export async function openSegment(directory: string): Promise<LogSegment> {
  await makeDirectory(directory)
  const path = join(directory, `${newId()}.ndjson`)
  let handle: FileHandle
  try {
    handle = await open(path, 'ax')
    await syncDirectory(directory)
  } catch (error) {
    throw storageError(error, path)
  }
  const segment: LogSegment = {
    path,
    descriptor: handle.fd,
    bytes: 0,
    finish: async () => {
      if (segment.bytes > 0) await handle.datasync()
      await handle.close()
      if (segment.bytes === 0) await rm(path, { force: true })
    },
    // What was lost is counted and told already; that closing fails as well changes nothing.
    abandon: () => void handle.close().catch(() => undefined),
  }
  return segment
}
