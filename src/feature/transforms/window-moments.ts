import type { WindowAggregate } from '../../contract/index.ts'
import { quoteName } from '../../engine/index.ts'

export interface WindowValue {
  readonly sql: string
  /** A count, or a sum of whole numbers. */
  readonly isWhole: boolean
}

/**
 * Rows of one key and one event time become one moment, and windows are over moments: what rows of one time count for does not
 * depend on their order. This collects what a moment must keep, and writes each aggregate over it.
 *
 * Sums of floating point depend on the order of adding, and features must not change with it. Whole numbers and decimals are
 * exact in any order; floating point is added in the order of size, at a cost that grows with the rows in a window.
 */
export class Moments {
  readonly #types: ReadonlyMap<string, string>
  readonly #kept = new Map<string, string>()

  /** `types`: DuckDB type of each column. */
  constructor(types: ReadonlyMap<string, string>) {
    this.#types = types
  }

  /** The name under which a moment keeps an aggregate of its rows. */
  keep(aggregate: string): string {
    const name = this.#kept.get(aggregate) ?? `_m${this.#kept.size}`
    this.#kept.set(aggregate, name)
    return name
  }

  /** SELECT items of all that is kept. */
  kept(): string[] {
    return [...this.#kept].map(([aggregate, name]) => `${aggregate} AS ${name}`)
  }

  over({ function: name, columns: [first = '*', second = '*'] }: WindowAggregate, window: string): WindowValue {
    const column = quoteName(first)
    switch (name) {
      case 'count':
        return { sql: this.#count(first, window), isWhole: true }
      case 'sum':
        return { sql: this.#sum(first, window), isWhole: this.#isInteger(first) }
      case 'mean':
        return { sql: `${this.#sum(first, window)}::DOUBLE / nullif(${this.#count(first, window)}, 0)`, isWhole: false }
      case 'ratio':
        return {
          sql: `${this.#sum(first, window)}::DOUBLE / nullif(${this.#sum(second, window)}::DOUBLE, 0)`,
          isWhole: false,
        }
      case 'min':
      case 'max':
        return { sql: `${name}(${this.keep(`${name}(${column})`)}) OVER ${window}`, isWhole: this.#isInteger(first) }
      case 'last':
        return {
          sql: `last_value(${this.keep(`max(${column})`)} IGNORE NULLS) OVER ${window}`,
          isWhole: this.#isInteger(first),
        }
      case 'std':
        return { sql: `list_aggregate(list_sort(${this.#values(first, window)}), 'stddev_samp')`, isWhole: false }
      case 'distinct':
        return { sql: `len(list_distinct(${this.#values(first, window)}))`, isWhole: true }
    }
  }

  #count(column: string, window: string): string {
    const counted = column === '*' ? 'count(*)' : `count(${quoteName(column)})`
    return `(sum(${this.keep(counted)}) OVER ${window})::BIGINT`
  }

  #sum(column: string, window: string): string {
    if (column === '*') return this.#count(column, window)
    const type = this.#types.get(column) ?? ''
    if (type === 'FLOAT' || type === 'DOUBLE')
      return `list_aggregate(list_sort(${this.#values(column, window)}), 'sum')`
    const summed = type === 'BOOLEAN' ? `${quoteName(column)}::INTEGER` : quoteName(column)
    const total = `(sum(${this.keep(`sum(${summed})`)}) OVER ${window})`
    return this.#isInteger(column) ? `${total}::BIGINT` : `${total}::DOUBLE`
  }

  /** All values in the window, in no order. */
  #values(column: string, window: string): string {
    const name = quoteName(column)
    return `flatten(list(${this.keep(`coalesce(list(${name}) FILTER (${name} IS NOT NULL), [])`)}) OVER ${window})`
  }

  #isInteger(column: string): boolean {
    return /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|BOOLEAN)$/.test(this.#types.get(column) ?? '')
  }
}
