import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** Why a file was not read: too large, a link, not a plain file. */
export class RefusedFile extends Error {
  override readonly name = 'RefusedFile'
}

/**
 * The bytes of a plain file of at most `maxBytes`. A symbolic link in its place is refused by the kernel
 * (O_NOFOLLOW), a pipe or device by its kind, so a prepared folder can neither lead outside nor hang the reader.
 */
export async function readBounded(path: string, maxBytes: number): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const bytes = await sizeOf(handle, path, maxBytes)
    const buffer = Buffer.alloc(bytes)
    let filled = 0
    while (filled < bytes) {
      const { bytesRead } = await handle.read(buffer, filled, bytes - filled, filled)
      if (bytesRead === 0) throw new RefusedFile(`${path} became shorter while it was read`)
      filled += bytesRead
    }
    return buffer
  } finally {
    await handle.close()
  }
}

async function sizeOf(handle: FileHandle, path: string, maxBytes: number): Promise<number> {
  const found = await handle.stat()
  if (!found.isFile()) throw new RefusedFile(`${path} is not a plain file`)
  if (found.size > maxBytes) throw new RefusedFile(`${path} has ${found.size} bytes, at most ${maxBytes} are read`)
  return found.size
}
