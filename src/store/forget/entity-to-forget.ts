import type { Contract, Value, ValueType } from '../../contract/index.ts'
import { quoteName, quoteText } from '../../engine/index.ts'
import { duckdbType } from '../delta/column-type.ts'

/** Column of the key, with its value in the one form that stores compare. */
export type EntityToForget = readonly { readonly name: string; readonly type: ValueType; readonly value: Value }[]

/** What the columns of a key are in a table, by the table's own contract: versions of a group may have different keys. */
export type Naming = 'key' | 'feature' | 'neither'

export function namingOf({ entity: { key }, features }: Contract, entity: EntityToForget): Naming {
  if (entity.every(({ name }) => name in key)) return 'key'
  const isFeature = (name: string) => features.some((feature) => feature.name === name)
  return entity.every(({ name }) => name in key || isFeature(name)) ? 'feature' : 'neither'
}

/** SQL condition of the rows that are about the entity, where its key stands in columns of these names. */
export function isAbout(entity: EntityToForget, columnOf: (key: string) => string = (key) => key): string {
  const parts = entity.map(({ name, type, value }) => {
    const literal = `CAST(${quoteText(String(value))} AS ${duckdbType(type)})`
    return `TRY_CAST(${quoteName(columnOf(name))} AS ${duckdbType(type)}) IS NOT DISTINCT FROM ${literal}`
  })
  return `(${parts.join(' AND ')})`
}
