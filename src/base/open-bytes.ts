import { createReadStream, type ReadStream } from 'node:fs'

/** Node's own chunks of 64 KiB take twice the processor time for a large file. */
const chunkBytes = 1024 * 1024

/** A file's bytes from first to last. */
export function openBytes(path: string): ReadStream {
  return createReadStream(path, { highWaterMark: chunkBytes })
}
