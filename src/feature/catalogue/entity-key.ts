import { didYouMean, FtiError, parseTime } from '../../base/index.ts'
import type { Value, ValueType } from '../../contract/index.ts'
import { featureErrors } from '../errors.ts'

/** One column of an entity's key, with the value in the one form that stores compare. */
export interface KeyPart {
  readonly name: string
  readonly type: ValueType
  readonly value: Value
}

/** `['tailnum=N14228']` -> `{ tailnum: 'N14228' }`. */
export function parseKey(parts: readonly string[]): Record<string, string> {
  const key: Record<string, string> = {}
  for (const part of parts) {
    const at = part.indexOf('=')
    if (at < 1) throw invalid(`'${part}' is not a key`, 'write --key NAME=VALUE, once for each key column')
    const name = part.slice(0, at)
    if (name in key) throw invalid(`the key names '${name}' twice`, `give --key ${name}=VALUE once`)
    key[name] = part.slice(at + 1)
  }
  return key
}

/** Text from a command line as the key of a group, in the order of its declaration. */
export function readKey(
  group: string,
  declared: Readonly<Record<string, ValueType>>,
  given: Readonly<Record<string, string>>,
): KeyPart[] {
  for (const name of Object.keys(given)) {
    if (name in declared) continue
    throw invalid(`'${name}' is not a key of '${group}'`, didYouMean(name, Object.keys(declared)))
  }
  return Object.entries(declared).map(([name, type]) => {
    const text = given[name]
    if (text === undefined) throw invalid(`the key of '${group}' needs '${name}'`, `add --key ${name}=VALUE`)
    const value = readValue(text, type)
    if (value !== undefined) return { name, type, value }
    throw invalid(`'${text}' is not a value for ${name}, which is ${type}`, `write --key ${name}=${examples[type]}`)
  })
}

const examples: Readonly<Record<ValueType, string>> = {
  string: 'TEXT',
  boolean: 'true',
  int32: '17',
  int64: '17',
  float32: '1.5',
  float64: '1.5',
  timestamp: '2013-03-01T12:00Z',
  date: '2013-03-01',
}

function readValue(text: string, type: ValueType): Value | undefined {
  if (type === 'string') return text
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  if (type === 'date') return isDate(text) ? text : undefined
  if (type === 'timestamp') return parseTime(text).toISOString()
  if (type === 'int32' || type === 'int64') return readInteger(text, type === 'int32' ? 31n : 63n)
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined
}

function readInteger(text: string, bits: bigint): Value | undefined {
  if (!/^-?\d{1,19}$/.test(text)) return undefined
  const value = BigInt(text)
  if (value < -(2n ** bits) || value >= 2n ** bits) return undefined
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

function isDate(text: string): boolean {
  const time = new Date(`${text}T00:00:00Z`)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text)
}

function invalid(message: string, remedy: string): FtiError {
  return new FtiError(featureErrors.FTI_KEY_INVALID, { message, remedy })
}
