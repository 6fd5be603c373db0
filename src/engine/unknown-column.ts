import type { FtiError } from '../base/index.ts'
import { engineErrors } from './errors.ts'

const complaint =
  /(?:Referenced column|does not have a column named) "(.*?)"|Column "(.*?)" referenced that exists in the SELECT clause/

/** The column that `sql` reads and that none of its relations has, where that is what DuckDB says; and its line, counted from 1. */
export function unknownColumn(
  error: FtiError,
  sql: string,
): { readonly column: string; readonly line: number } | undefined {
  if (error.code !== engineErrors.FTI_SQL_FAILED.code) return undefined
  const found = complaint.exec(error.message)
  const column = found?.[1] ?? found?.[2]
  if (column === undefined) return undefined
  const said = /^LINE (\d+):/m.exec(error.detail ?? '')?.[1]
  return { column, line: said === undefined ? lineOf(sql, column) : Number(said) }
}

/** DuckDB does not say where it met a column that is taken for its own alias. */
function lineOf(sql: string, column: string): number {
  const lines = sql.toLowerCase().split('\n')
  return Math.max(1, 1 + lines.findIndex((line) => line.includes(column.toLowerCase())))
}
