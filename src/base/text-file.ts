import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { TextDecoder } from 'node:util'
import { createGunzip } from 'node:zlib'

/** Why a file of text cannot be read to its end: its gzip is cut off or damaged, or a line is not UTF-8. */
export type TextProblem =
  | { readonly kind: 'gzip'; readonly reason: string }
  | { readonly kind: 'encoding'; readonly line: number }

/**
 * Reads a file of UTF-8 text once, whole, decompressed where its name ends in .gz. Undefined when all is well. For readers
 * that would take half of a gzip for all of it.
 */
export async function findTextProblem(path: string): Promise<TextProblem | undefined> {
  try {
    return (await isText(path)) ? undefined : { kind: 'encoding', line: await firstWrongLine(path) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!code.startsWith('Z_')) throw error
    return { kind: 'gzip', reason: (error as Error).message }
  }
}

async function isText(path: string): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of open(path)) if (!decodes(decoder, chunk as Buffer)) return false
  return decodes(decoder, undefined)
}

/** Without a chunk: that the last character is whole. */
function decodes(decoder: TextDecoder, chunk: Buffer | undefined): boolean {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined })
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}

/** Counted from 1. */
async function firstWrongLine(path: string): Promise<number> {
  let number = 0
  for await (const line of createInterface({ input: open(path).setEncoding('latin1') })) {
    number++
    if (!isUtf8(Buffer.from(line, 'latin1'))) break
  }
  return number
}

function open(path: string): Readable {
  const bytes = createReadStream(path)
  if (!/\.gz$/i.test(path)) return bytes
  const text = createGunzip()
  bytes.on('error', (error) => text.destroy(error))
  text.on('close', () => bytes.destroy())
  return bytes.pipe(text)
}
