import { isCalendarDay } from '../../base/index.ts'
import type { RequestColumn, ValueType } from '../../contract/index.ts'

/** What is wrong with a value, or undefined. Never null: what null means is the caller's matter. */
export type ValueCheck = (value: unknown) => Broken | undefined

export interface Broken {
  readonly rule: 'type' | 'finite' | 'integer' | 'range' | 'oneOf' | 'format' | 'length'
  readonly message: string
}

/** A check without coercion for one column: its type, and its declared range or values. */
export function compileValueCheck(column: Pick<RequestColumn, 'type' | 'range' | 'oneOf'>): ValueCheck {
  const checks: ValueCheck[] = [typeChecks[column.type]]
  if (column.range !== undefined) checks.push(rangeCheck(column.range))
  if (column.oneOf !== undefined) checks.push(oneOfCheck(column.oneOf))
  if (checks.length === 1) return checks[0] as ValueCheck
  return (value) => {
    for (const check of checks) {
      const broken = check(value)
      if (broken !== undefined) return broken
    }
    return undefined
  }
}

const longestString = 4096

const broken = (rule: Broken['rule'], message: string): Broken => ({ rule, message })
const notString = broken('type', 'must be a string')
const tooLong = broken('length', `must have at most ${longestString} characters`)
const notBoolean = broken('type', 'must be true or false')
const notNumber = broken('type', 'must be a number')
const notFinite = broken('finite', 'must be a finite number')
const notInteger = broken('integer', 'must be a whole number')
const notInt32 = broken('range', 'must be from -2147483648 to 2147483647')
const notInt64 = broken('range', 'must be from -2^63 to 2^63 - 1; beyond 2^53 send it as a string of digits')
const notFloat32 = broken('range', 'must fit a 32-bit floating-point number')
const notTimestamp = broken('format', 'must be an ISO 8601 date and time with a zone, such as 2013-12-12T12:00:00Z')
const notDate = broken('format', 'must be an ISO 8601 date, such as 2013-12-12')

const typeChecks: Readonly<Record<ValueType, ValueCheck>> = {
  string: (value) => (typeof value !== 'string' ? notString : value.length > longestString ? tooLong : undefined),
  boolean: (value) => (typeof value !== 'boolean' ? notBoolean : undefined),
  int32: (value) => {
    if (typeof value !== 'number') return notNumber
    if ((value | 0) === value) return undefined
    if (!Number.isFinite(value)) return notFinite
    return Number.isInteger(value) ? notInt32 : notInteger
  },
  int64: (value) => {
    if (typeof value === 'string') return isInt64(value) ? undefined : notInt64
    if (typeof value !== 'number') return notNumber
    if (!Number.isFinite(value)) return notFinite
    if (!Number.isInteger(value)) return notInteger
    return Number.isSafeInteger(value) ? undefined : notInt64
  },
  float32: (value) => {
    if (typeof value !== 'number') return notNumber
    if (!Number.isFinite(value)) return notFinite
    return Number.isFinite(Math.fround(value)) ? undefined : notFloat32
  },
  float64: (value) => (typeof value !== 'number' ? notNumber : Number.isFinite(value) ? undefined : notFinite),
  timestamp: (value) => (typeof value !== 'string' ? notString : isTimestamp(value) ? undefined : notTimestamp),
  date: (value) => (typeof value !== 'string' ? notString : isDate(value) ? undefined : notDate),
}

function isInt64(text: string): boolean {
  return /^-?\d{1,19}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
}

const timestampForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/
const dateForm = /^\d{4}-\d{2}-\d{2}$/

function isTimestamp(text: string): boolean {
  return timestampForm.test(text) && isCalendarDay(text) && !Number.isNaN(Date.parse(text))
}

function isDate(text: string): boolean {
  return dateForm.test(text) && isCalendarDay(text) && !Number.isNaN(Date.parse(text))
}

function rangeCheck([min, max]: NonNullable<RequestColumn['range']>): ValueCheck {
  const low = min ?? Number.NEGATIVE_INFINITY
  const high = max ?? Number.POSITIVE_INFINITY
  const words = [min === null ? '' : `at least ${min}`, max === null ? '' : `at most ${max}`].filter(
    (word) => word !== '',
  )
  const outside = broken('range', `must be ${words.join(' and ')}`)
  return (value) => (Number(value) >= low && Number(value) <= high ? undefined : outside)
}

function oneOfCheck(values: NonNullable<RequestColumn['oneOf']>): ValueCheck {
  const allowed = new Set<unknown>(values)
  const outside = broken('oneOf', `must be one of ${[...allowed].map((value) => JSON.stringify(value)).join(', ')}`)
  return (value) => (allowed.has(value) ? undefined : outside)
}
