import type { ColumnStatistics, ParquetFile } from '../../engine/index.ts'
import type { DeltaField } from './delta-action.ts'

type Bound = string | number

/**
 * A file's statistics as Delta wants them. Readers skip files by these, so a bound is written only where it is certainly
 * true: none beside a NaN, an infinity or an integer beyond 2^53; times in milliseconds, the maximum rounded up.
 */
export function fileStatistics(file: ParquetFile, schema: readonly DeltaField[]): string {
  const minValues: Record<string, Bound> = {}
  const maxValues: Record<string, Bound> = {}
  const nullCount: Record<string, number> = {}
  for (const field of schema) {
    const column = file.statistics[field.name]
    if (column === undefined) continue
    nullCount[field.name] = column.nullCount
    const min = bound(field.type, column, 'min')
    const max = bound(field.type, column, 'max')
    if (min !== undefined) minValues[field.name] = min
    if (max !== undefined) maxValues[field.name] = max
  }
  return JSON.stringify({ numRecords: file.rows, minValues, maxValues, nullCount })
}

function bound(type: DeltaField['type'], column: ColumnStatistics, side: 'min' | 'max'): Bound | undefined {
  const raw = column[side]
  if (raw === undefined || column.hasNan) return undefined
  switch (type) {
    case 'integer':
    case 'long':
      return Number.isSafeInteger(Number(raw)) ? Number(raw) : undefined
    case 'double':
      return Number.isFinite(Number(raw)) ? Number(raw) : undefined
    case 'float':
      return Number.isFinite(Number(raw)) ? Math.fround(Number(raw)) : undefined
    case 'date':
      return /^\d{4}-\d{2}-\d{2}$/.test(raw) ? raw : undefined
    case 'timestamp':
      return timeBound(raw, side)
    case 'string':
      return textBound(raw, side)
    default:
      return undefined
  }
}

/** `2013-01-01 00:00:00.123456+00` in milliseconds: microseconds below are cut from a minimum, and lift a maximum. */
function timeBound(raw: string, side: 'min' | 'max'): string | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?\+00$/.exec(raw)
  if (!parts) return undefined
  const micros = Number((parts[3] ?? '').padEnd(6, '0'))
  const whole = Date.parse(`${parts[1]}T${parts[2]}Z`)
  const milliseconds = whole + (side === 'min' ? Math.floor(micros / 1000) : Math.ceil(micros / 1000))
  return Number.isNaN(whole) ? undefined : new Date(milliseconds).toISOString()
}

const longestText = 64

/** A cut text is a valid minimum, for it sorts before the whole; a maximum has to be whole. */
function textBound(raw: string, side: 'min' | 'max'): string | undefined {
  if (raw.length <= longestText) return raw
  return side === 'min' ? [...raw].slice(0, longestText / 2).join('') : undefined
}
