import type { Engine } from './engine.ts'
import { inFrom, quoteName } from './quote.ts'

/**
 * True when every row of a relation comes after the one before it by these columns: then no two rows have the same values in them,
 * and the relation is sorted. One pass that keeps nothing and ends at the first row that does not.
 */
export async function isInOrder(engine: Engine, relation: string, columns: readonly string[]): Promise<boolean> {
  const names = columns.map(quoteName)
  const before = names.map((name, index) => `lag(${name}) OVER () AS _before_${index}`)
  const earlier = names.map((_name, index) => `_before_${index}`)
  const [broken] = await engine.rows(
    `SELECT 1 AS found FROM (SELECT ${[...names, ...before].join(', ')}, lag(true) OVER () AS _follows FROM ${inFrom(relation)})
     WHERE _follows AND (row(${earlier.join(', ')}) < row(${names.join(', ')})) IS NOT TRUE LIMIT 1`,
  )
  return broken === undefined
}
