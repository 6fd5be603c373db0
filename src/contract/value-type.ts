/** The types a feature may have. Each maps to one Delta type and one DuckDB type; nothing else is stored. */
export const valueTypes = ['string', 'boolean', 'int32', 'int64', 'float32', 'float64', 'timestamp', 'date'] as const

export type ValueType = (typeof valueTypes)[number]

/**
 * A value as it crosses a boundary between rooms or processes.
 * Timestamps are ISO 8601 in UTC, dates `2013-01-31`; an int64 beyond 2^53 is a string of digits.
 */
export type Value = string | number | boolean | null

const widenings: Partial<Record<ValueType, readonly ValueType[]>> = {
  int32: ['int64', 'float64'],
  int64: ['float64'],
  float32: ['float64'],
}

/** True when every value of `from` can be stored as `to` without a loss that anyone would notice. */
export function widens(from: ValueType, to: ValueType): boolean {
  return from === to || (widenings[from]?.includes(to) ?? false)
}

export function isNumeric(type: ValueType): boolean {
  return type === 'int32' || type === 'int64' || type === 'float32' || type === 'float64'
}
