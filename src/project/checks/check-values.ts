import { isNumeric, type Value, type ValueType } from '../../contract/index.ts'
import type { ConfigPath } from '../text/config-path.ts'
import type { Inspection } from '../text/inspection.ts'

interface Limits {
  readonly type: ValueType
  readonly range?: readonly [number | null, number | null] | undefined
  readonly oneOf?: readonly Value[] | undefined
  readonly pattern?: string | undefined
}

/** Range, allowed values and pattern of a feature or request column must suit its type. */
export function checkValues(column: Limits, path: ConfigPath, inspection: Inspection): void {
  const { type, range, oneOf, pattern } = column
  if (range && !isNumeric(type)) {
    inspection.add(
      'FTI_PROJECT_CONFLICT',
      [...path, 'range'],
      `a range is for numbers; this has type ${type}`,
      'remove range, or use oneOf',
      'key',
    )
  } else if (range && range[0] !== null && range[1] !== null && range[0] > range[1]) {
    inspection.add(
      'FTI_PROJECT_VALUE',
      [...path, 'range'],
      `the range begins at ${range[0]} and ends before it, at ${range[1]}`,
      `write [${range[1]}, ${range[0]}]`,
    )
  }
  for (const [i, value] of (oneOf ?? []).entries()) {
    if (suits(value, type)) continue
    inspection.add(
      'FTI_PROJECT_TYPE',
      [...path, 'oneOf', i],
      `${JSON.stringify(value)} is not of type ${type}`,
      `write a value of type ${type}, or change the type`,
    )
  }
  if (pattern === undefined) return
  if (type !== 'string') {
    inspection.add(
      'FTI_PROJECT_CONFLICT',
      [...path, 'pattern'],
      `a pattern is for strings; this has type ${type}`,
      'remove pattern',
      'key',
    )
    return
  }
  const problem = patternProblem(pattern)
  if (problem !== undefined)
    inspection.add(
      'FTI_PROJECT_VALUE',
      [...path, 'pattern'],
      `not a regular expression: ${problem}`,
      'correct the pattern (RE2 syntax)',
    )
}

/** True when a literal of a project file can be a value of this type. */
export function suits(value: Value, type: ValueType): boolean {
  if (type === 'boolean') return typeof value === 'boolean'
  if (type === 'int32') return Number.isInteger(value) && (Number(value) | 0) === value
  if (type === 'int64') return Number.isSafeInteger(value)
  if (isNumeric(type)) return typeof value === 'number'
  if (typeof value !== 'string') return false
  if (type === 'date') return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))
  return type === 'string' || !Number.isNaN(Date.parse(value))
}

/** RE2 is near enough to JavaScript's syntax to find what both refuse, and what only RE2 does. */
function patternProblem(pattern: string): string | undefined {
  if (/\(\?<?[=!]/.test(pattern)) return 'RE2 has no look-ahead or look-behind'
  if (/(?:^|[^\\])(?:\\\\)*\\[1-9]/.test(pattern)) return 'RE2 has no back-references'
  try {
    new RegExp(
      pattern
        .replace(/\(\?[imsU-]+\)/g, '')
        .replace(/\(\?[imsU-]+:/g, '(?:')
        .replace(/\(\?P</g, '(?<'),
    )
    return undefined
  } catch (error) {
    if (error instanceof SyntaxError) return error.message.replace(/^Invalid regular expression: /, '')
    throw error
  }
}
