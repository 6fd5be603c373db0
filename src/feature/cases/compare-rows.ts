import type { ValueType } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'

export interface RowsToCompare {
  /** Relations: what a case expects, and what the transform gave. */
  readonly expected: string
  readonly got: string
  /** The columns that the case speaks of, in its order; others are not looked at. */
  readonly columns: Readonly<Record<string, ValueType>>
  /** Columns that tell one row from another; rows that agree in them are held against each other. */
  readonly identity: readonly string[]
}

/** One row that is not as expected, or one value of a row. */
export type RowDifference =
  | { readonly kind: 'missing' | 'unexpected'; readonly row: Readonly<Record<string, unknown>> }
  | {
      readonly kind: 'changed'
      /** The columns by which the row is known. */
      readonly row: Readonly<Record<string, unknown>>
      readonly values: readonly { readonly column: string; readonly expected: unknown; readonly got: unknown }[]
    }

export interface RowComparison {
  /** Rows: what was expected, what came, and how many of both differ. */
  readonly expected: number
  readonly got: number
  readonly different: number
  /** The first of them. */
  readonly differences: readonly RowDifference[]
}

const mostShown = 20

/**
 * Holds two sets of rows against each other in the engine; their order does not matter, repeated rows count. Floating-point numbers
 * are equal when they agree to nine significant digits (float32: six), NaN equals NaN, null equals null.
 */
export async function compareRows(engine: Engine, request: RowsToCompare): Promise<RowComparison> {
  const { columns, identity, expected, got } = request
  const names = Object.keys(columns)
  const isKeyed = identity.length > 0 && identity.every((name) => name in columns)
  const by = isKeyed ? identity.map(quoteName) : names.map((name) => rounded(quoteName(name), columns[name]))
  const side = (relation: string) =>
    `SELECT ${[...names.map(quoteName), ...by.map((item, index) => `${item} AS _by_${index}`)].join(', ')},
       row_number() OVER (PARTITION BY ${by.join(', ')}) AS _nth FROM ${relation}`
  const on = by.map((_, index) => `e._by_${index} IS NOT DISTINCT FROM g._by_${index}`)
  const others = isKeyed ? names.filter((name) => !identity.includes(name)) : []
  const same = others.map((name) => isSame(quoteName(name), columns[name]))
  const shown = names.flatMap((name, index) => [
    `e.${quoteName(name)} AS e${index}`,
    `g.${quoteName(name)} AS g${index}`,
  ])
  const joined = `FROM (${side(expected)}) e FULL JOIN (${side(got)}) g ON ${[...on, 'e._nth = g._nth'].join(' AND ')}`
  const differs = ['e._nth IS NULL', 'g._nth IS NULL', ...same.map((condition) => `NOT ${condition}`)].join(' OR ')
  const [counts] = await engine.rows<{ expected: number; got: number; different: number }>(
    `SELECT count(e._nth) AS expected, count(g._nth) AS got, count_if(${differs}) AS different ${joined}`,
  )
  const rows = await engine.rows<Record<string, unknown>>(
    `SELECT e._nth IS NOT NULL AS is_expected, g._nth IS NOT NULL AS is_got, ${shown.join(', ')}
     ${same.map((condition, index) => `, ${condition} AS same${index}`).join('')}
     ${joined} WHERE ${differs} ORDER BY ${by.map((_, index) => `coalesce(e._by_${index}, g._by_${index})`).join(', ')}
     LIMIT ${mostShown}`,
  )
  const differences = rows.map((row) => differenceOf(row, names, isKeyed ? identity : [], others))
  return { expected: counts?.expected ?? 0, got: counts?.got ?? 0, different: counts?.different ?? 0, differences }
}

function differenceOf(
  row: Readonly<Record<string, unknown>>,
  names: readonly string[],
  identity: readonly string[],
  others: readonly string[],
): RowDifference {
  const side = (letter: 'e' | 'g', wanted = names) =>
    Object.fromEntries(wanted.map((name) => [name, shownValue(row[`${letter}${names.indexOf(name)}`])]))
  if (row['is_got'] !== true) return { kind: 'missing', row: side('e') }
  if (row['is_expected'] !== true) return { kind: 'unexpected', row: side('g') }
  const values = others.flatMap((column, index) =>
    row[`same${index}`] === true
      ? []
      : [{ column, expected: side('e', [column])[column], got: side('g', [column])[column] }],
  )
  return { kind: 'changed', row: side('e', identity), values }
}

/** JSON has no NaN, and would say null. */
function shownValue(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

const digits: Partial<Record<ValueType, number>> = { float64: 9, float32: 6 }

function isSame(name: string, type: ValueType | undefined): string {
  const [e, g] = [`e.${name}`, `g.${name}`]
  const places = type && digits[type]
  if (places === undefined) return `(${e} IS NOT DISTINCT FROM ${g})`
  const near = `isfinite(${e}) AND isfinite(${g}) AND abs(${e} - ${g}) <= 1e-${places} * greatest(abs(${e}), abs(${g}))`
  return `(${e} IS NOT DISTINCT FROM ${g} OR coalesce(${near}, false))`
}

/** Where rows have no name they are paired by their values, which must then be alike to the bit. */
function rounded(name: string, type: ValueType | undefined): string {
  const places = type && digits[type]
  if (places === undefined) return name
  return `CASE WHEN isfinite(${name}) AND ${name} <> 0
    THEN round(${name}, ${places - 1} - CAST(floor(log10(abs(${name}))) AS INTEGER)) ELSE ${name} END`
}
