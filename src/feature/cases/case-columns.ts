import { systemColumns, type ValueType } from '../../contract/index.ts'
import { expectedColumns } from '../transforms/check-schema.ts'

/** What a case can say of a row of a group: the columns of its contract, and since when it was known. */
export function caseColumns(group: Parameters<typeof expectedColumns>[0]): Record<string, ValueType> {
  const columns = expectedColumns(group).map(({ name, type }) => [name, type] as const)
  const known = group.eventTime === undefined ? [] : [[systemColumns.availableAt, 'timestamp'] as const]
  return Object.fromEntries([...columns, ...known])
}
