import { isUtf8 } from 'node:buffer'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { openBytes } from './open-bytes.ts'

/** Why a file of text cannot be read to its end: its gzip is cut off or damaged, or a line is not UTF-8. */
export type TextProblem =
  | { readonly kind: 'gzip'; readonly reason: string }
  | { readonly kind: 'encoding'; readonly line: number }

export interface ExpectedText {
  /** `any`: every byte is a character in the encoding that the file has. UTF-8 unless given. */
  readonly encoding?: 'utf-8' | 'any' | undefined
  /** Looks no further than this into the text; to its end unless given. */
  readonly upToBytes?: number | undefined
}

/**
 * Reads a file of text once, whole, decompressed where its name ends in .gz. Undefined when all is well. For readers that would take
 * half of a gzip for all of it, or break over text that is not UTF-8.
 */
export async function findTextProblem(path: string, expected: ExpectedText = {}): Promise<TextProblem | undefined> {
  if (expected.encoding === 'any' && !isGzip(path)) return undefined
  try {
    return (await isText(path, expected)) ? undefined : { kind: 'encoding', line: await firstWrongLine(path) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!code.startsWith('Z_')) throw error
    return { kind: 'gzip', reason: (error as Error).message }
  }
}

/** The file's bytes, decompressed where its name ends in .gz. */
export function openText(path: string): Readable {
  const bytes = openBytes(path)
  if (!isGzip(path)) return bytes
  const text = createGunzip()
  bytes.on('error', (error) => text.destroy(error))
  text.on('close', () => bytes.destroy())
  return bytes.pipe(text)
}

function isGzip(path: string): boolean {
  return /\.gz$/i.test(path)
}

async function isText(path: string, { encoding, upToBytes = Infinity }: ExpectedText): Promise<boolean> {
  let rest: Buffer = Buffer.alloc(0)
  let read = 0
  for await (const chunk of openText(path) as AsyncIterable<Buffer>) {
    read += chunk.length
    if (encoding !== 'any') {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      const end = endOfLastCharacter(bytes)
      if (!isUtf8(bytes.subarray(0, end))) return false
      rest = bytes.subarray(end)
    }
    if (read >= upToBytes) return true
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

/** Counted from 1. */
async function firstWrongLine(path: string): Promise<number> {
  let number = 0
  for await (const line of createInterface({ input: openText(path).setEncoding('latin1') })) {
    number++
    if (!isUtf8(Buffer.from(line, 'latin1'))) break
  }
  return number
}
