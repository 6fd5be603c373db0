import { constants, fdatasync, write } from 'node:fs'
import { type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { currentProcess, makeDirectory, newId, storageError, syncDirectory } from '../../base/index.ts'

export const liveSuffix = '.live'
export const finishedSuffix = '.ndjson'
export const ownerSuffix = '.owner'

/** One file of a prediction log while its process writes it: `<id>.live`, which becomes `<id>.ndjson` when it is finished. */
export interface LogSegment {
  readonly path: string
  /** Bytes of lines; what lies behind them in the file is zeros. */
  readonly bytes: number
  /** Writes a group of lines behind the others. `done` is called when they are durable, if the segment was opened so. */
  write(group: Buffer, done: (error: NodeJS.ErrnoException | null) => void): void
  /** Cuts the zeros off, syncs, closes, and gives the file its final name; removes it when nothing was written. */
  finish(): Promise<void>
  /** Closes and asks the disk for nothing more; a later start repairs the file. */
  abandon(): void
}

/** With this flag a write returns when it is durable: one call to the disk where write and sync would be two. Windows has none. */
const writeThrough: number | undefined = constants.O_DSYNC

/** Makes a new file that no other writer uses, and its name durable: a line in a file that is lost is lost too. */
export async function openSegment(directory: string, isDurable: boolean): Promise<LogSegment> {
  await makeDirectory(directory)
  const path = join(directory, newId())
  let handle: FileHandle | undefined
  try {
    await writeFile(path + ownerSuffix, JSON.stringify(currentProcess()), { flag: 'wx' })
    const create = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
    handle = await open(path + liveSuffix, create | (isDurable ? (writeThrough ?? 0) : 0))
    await syncDirectory(directory)
    return new PreallocatedSegment(directory, path, handle, isDurable && writeThrough === undefined)
  } catch (error) {
    await handle?.close()
    // A server tries again every second while its disk is full: it must not leave a file behind each time.
    for (const suffix of [liveSuffix, ownerSuffix]) await rm(path + suffix, { force: true })
    throw storageError(error, path + liveSuffix)
  }
}

/**
 * Space is taken ahead in the form of zeros. Writing over them changes no metadata, so a sync need not wait for the
 * journal of the file system, which it shares with every other writer of the machine: measured 2 to 4 times as fast.
 */
const chunkBytes = 1024 * 1024

class PreallocatedSegment implements LogSegment {
  readonly path: string
  bytes = 0
  private allocated = 0
  private readonly directory: string
  private readonly base: string
  private readonly handle: FileHandle
  private readonly descriptor: number
  private readonly needsSync: boolean

  constructor(directory: string, base: string, handle: FileHandle, needsSync: boolean) {
    this.directory = directory
    this.base = base
    this.path = base + liveSuffix
    this.handle = handle
    this.descriptor = handle.fd
    this.needsSync = needsSync
  }

  write(group: Buffer, done: (error: NodeJS.ErrnoException | null) => void): void {
    const synced = (error: NodeJS.ErrnoException | null) => {
      if (error === null) this.bytes += group.length
      done(error)
    }
    const written = (error: NodeJS.ErrnoException | null) => {
      if (error === null && this.needsSync) fdatasync(this.descriptor, synced)
      else synced(error)
    }
    if (this.bytes + group.length <= this.allocated) {
      this.writeAt(group, 0, this.bytes, written)
      return
    }
    const zeros = Buffer.alloc(this.bytes + group.length - this.allocated + chunkBytes)
    this.writeAt(zeros, 0, this.allocated, (error) => {
      this.allocated += error ? 0 : zeros.length
      if (error) done(error)
      else this.writeAt(group, 0, this.bytes, written)
    })
  }

  async finish(): Promise<void> {
    if (this.bytes > 0) {
      await this.handle.truncate(this.bytes)
      await this.handle.sync()
    }
    await this.handle.close()
    if (this.bytes > 0) await rename(this.path, this.base + finishedSuffix)
    else await rm(this.path, { force: true })
    await rm(this.base + ownerSuffix, { force: true })
    await syncDirectory(this.directory)
  }

  abandon(): void {
    // What was lost is counted and told already; that closing fails as well changes nothing.
    void this.handle.close().catch(() => undefined)
  }

  private writeAt(
    data: Buffer,
    offset: number,
    position: number,
    done: (error: NodeJS.ErrnoException | null) => void,
  ): void {
    write(this.descriptor, data, offset, data.length - offset, position + offset, (error, count) => {
      if (error || offset + count === data.length) done(error)
      else this.writeAt(data, offset + count, position, done)
    })
  }
}
