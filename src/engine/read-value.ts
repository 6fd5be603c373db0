import {
  DuckDBArrayValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
} from '@duckdb/node-api'

/** One value of a small result as plain JavaScript; see `Engine.rows` for the forms. */
export function readValue(value: unknown): unknown {
  if (typeof value === 'bigint') return readInteger(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue)
    return readTime(value.micros, value)
  if (value instanceof DuckDBTimestampSecondsValue) return readTime(value.seconds * 1_000_000n, value)
  if (value instanceof DuckDBTimestampMillisecondsValue) return readTime(value.millis * 1000n, value)
  if (value instanceof DuckDBTimestampNanosecondsValue) return readTime(value.nanos / 1000n, value)
  if (value instanceof DuckDBDateValue) return value.toString()
  if (value instanceof DuckDBDecimalValue) return readDecimal(value.toString())
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(readValue)
  if (value instanceof DuckDBMapValue)
    return value.entries.map((entry) => ({ key: readValue(entry.key), value: readValue(entry.value) }))
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, member]) => [name, readValue(member)]))
  return String(value)
}

function readInteger(value: bigint): number | string {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value.toString()
}

function readDecimal(text: string): number | string {
  const digits = text.replace(/^-|\.|e.*$/g, '').replace(/^0+/, '')
  return digits.length <= 15 ? Number(text) : text
}

/** `2013-01-01T00:00:00.123Z`, with six digits where there are microseconds; infinite times by DuckDB's names. */
function readTime(micros: bigint, value: { toString(): string }): string {
  const milliseconds = Number(micros / 1000n) - (micros % 1000n < 0n ? 1 : 0)
  const rest = Number(((micros % 1000n) + 1000n) % 1000n)
  const time = new Date(milliseconds)
  if (Number.isNaN(time.getTime())) return value.toString()
  const iso = time.toISOString()
  return rest === 0 ? iso : iso.replace('Z', `${String(rest).padStart(3, '0')}Z`)
}
