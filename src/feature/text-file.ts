import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { FtiError } from '../base/index.ts'
import type { Source } from '../contract/index.ts'
import { featureErrors } from './errors.ts'
import type { SourceFile } from './source-files.ts'

type TextFile = Pick<SourceFile, 'path' | 'name'>

/**
 * Reads a text file once, or its beginning, and fails when its gzip is cut off or its bytes are not the declared encoding. DuckDB takes half a
 * gzip for a whole one, and can lose its database to text that is not UTF-8.
 */
export async function checkTextFile(source: Source, file: TextFile, upToBytes = Infinity): Promise<void> {
  const wantsUtf8 = source.encoding === 'utf-8'
  if (!wantsUtf8 && !isGzip(file)) return
  const fits = await readText(source, file, wantsUtf8, upToBytes)
  if (!fits) throw wrongEncoding(source, file, await firstWrongLine(file))
}

/** The file's bytes, decompressed. */
export function openText(file: TextFile): Readable {
  const bytes = createReadStream(file.path)
  if (!isGzip(file)) return bytes
  const text = createGunzip()
  bytes.on('error', (error) => text.destroy(error))
  return bytes.pipe(text)
}

function isGzip(file: TextFile): boolean {
  return file.path.endsWith('.gz')
}

/** False at the first bytes that are not UTF-8. */
async function readText(source: Source, file: TextFile, wantsUtf8: boolean, upToBytes: number): Promise<boolean> {
  let rest: Buffer = Buffer.alloc(0)
  let read = 0
  try {
    for await (const chunk of openText(file)) {
      read += (chunk as Buffer).length
      if (read >= upToBytes && !wantsUtf8) return true
      if (!wantsUtf8) continue
      const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
      const end = endOfLastCharacter(bytes)
      if (!isUtf8(bytes.subarray(0, end))) return false
      rest = bytes.subarray(end)
      if (read >= upToBytes) return true
    }
  } catch (error) {
    throw broken(source, file, error)
  }
  return rest.length === 0
}

/** Where a character begins that the end of the chunk has cut; the length when there is none. */
function endOfLastCharacter(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return bytes.length
    if (byte < 0xc0) continue
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return needed > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

async function firstWrongLine(file: TextFile): Promise<number> {
  let number = 0
  for await (const line of createInterface({ input: openText(file).setEncoding('latin1') })) {
    number++
    if (!isUtf8(Buffer.from(line, 'latin1'))) break
  }
  return number
}

function broken(source: Source, file: TextFile, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (!code.startsWith('Z_')) return error
  return new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
    message: `source '${source.name}' has a gzip file that is cut off or damaged: ${(error as Error).message}`,
    place: file.name,
    remedy: 'copy the file again, whole: under another name first, then rename it',
    cause: error,
  })
}

function wrongEncoding(source: Source, file: TextFile, line: number): FtiError {
  const remedy =
    source.type === 'csv'
      ? `write the file as UTF-8, or say how it is encoded: sources.${source.name}.encoding: latin-1`
      : 'write the file as UTF-8'
  return new FtiError(featureErrors.FTI_SOURCE_UNREADABLE, {
    message: `source '${source.name}' is not UTF-8 in line ${line}`,
    place: `${file.name}:${line}`,
    remedy,
  })
}
