import { createHash } from 'node:crypto'
import type { Value } from '../contract/index.ts'

/** Longer keys are hashed; LMDB takes at most 1,978 bytes. */
const longestKey = 1024

/** First byte of a key: what follows is the JSON text itself, or its SHA-256. */
const plain = 1
const hashed = 2

/**
 * The key parts as a JSON array, which no two different lists of typed parts share
 * (`["a","b"]`, `["a,b"]`, `[1]`, `["1"]`). Undefined when a part is null: null equals nothing.
 */
export function encodeKey(parts: readonly Value[]): Buffer | undefined {
  for (const part of parts) if (part === null) return undefined
  const text = JSON.stringify(parts)
  // A character takes at most three bytes, so most keys need no second look at their length.
  const most = text.length * 3
  if (most > longestKey && Buffer.byteLength(text) > longestKey) return hashOf(text)
  const key = Buffer.allocUnsafe(1 + Math.min(most, longestKey))
  key[0] = plain
  return key.subarray(0, 1 + key.write(text, 1))
}

function hashOf(text: string): Buffer {
  return Buffer.concat([Buffer.from([hashed]), createHash('sha256').update(text).digest()])
}
