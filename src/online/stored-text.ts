import { createHash } from 'node:crypto'
import type { Value } from '../contract/index.ts'
import type { OnlineRow } from './sync-request.ts'
import type { StoredValue } from './value.ts'

/** Longer keys are hashed: an index of PostgreSQL takes at most a third of a page. */
const longestKey = 1024

/**
 * The key parts as text for a server: a JSON array, which no two different lists of typed parts share, or its SHA-256,
 * which no JSON array looks like. Undefined when a part is null: null equals nothing.
 */
export function keyText(parts: readonly Value[]): string | undefined {
  for (const part of parts) if (part === null) return undefined
  const text = JSON.stringify(parts)
  if (text.length <= longestKey) return text
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

/**
 * `[values, event time, availability]` as JSON, so that any client reads it. Numbers that JSON lacks stand as objects,
 * which no value is: `{"number":"NaN"}`, `"Infinity"` or `"-Infinity"`. No store keeps the sign of a zero.
 */
export function encodeRow({ values, eventTimeMs, availableAtMs }: OnlineRow): string {
  const plain = values.some(isOdd) ? values.map((value) => (isOdd(value) ? { number: String(value) } : value)) : values
  return JSON.stringify([plain, eventTimeMs, availableAtMs])
}

export function decodeRow(text: string): StoredValue {
  const stored = JSON.parse(text) as StoredValue
  const [values] = stored as unknown as [(Value | { readonly number: string })[]]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value === 'object' && value !== null) values[i] = Number(value.number)
  }
  return stored
}

function isOdd(value: Value): boolean {
  return typeof value === 'number' && !Number.isFinite(value)
}
