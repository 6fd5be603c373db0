import { type Contract, systemColumns, type ValueType } from '../../contract/index.ts'
import { quoteName } from '../../engine/index.ts'
import { deltaType } from './column-type.ts'
import type { DeltaField } from './delta-action.ts'

/** A physical column of a feature table. */
export interface StoredColumn {
  readonly name: string
  readonly type: ValueType
  readonly comment?: string | undefined
}

/** The columns that a contract declares: entity key, event time, features, the mark of tombstones, in this order. */
export function declaredColumns(contract: Contract): StoredColumn[] {
  const key = Object.entries(contract.entity.key).map(([name, type]) => ({ name, type }))
  const time: StoredColumn[] = contract.eventTime === undefined ? [] : [{ name: contract.eventTime, type: 'timestamp' }]
  const features = contract.features.map(({ name, type, description }) => ({ name, type, comment: description }))
  const { deleted } = contract
  const mark: StoredColumn[] =
    deleted === undefined ? [] : [{ name: deleted, type: 'boolean', comment: 'true: the value of the key was deleted' }]
  return [...key, ...time, ...features, ...mark]
}

/** SQL condition of the rows that are values, and not the mark that one was deleted; nothing where a group has no such rows. */
export function isValue({ deleted }: Contract): string | undefined {
  return deleted === undefined ? undefined : `${quoteName(deleted)} IS NOT TRUE`
}

/** The columns that every feature table has beside the declared ones. */
export const systemStored: readonly StoredColumn[] = [
  { name: systemColumns.availableAt, type: 'timestamp' },
  { name: systemColumns.committedAt, type: 'timestamp' },
  { name: systemColumns.sequence, type: 'int64' },
]

/** Every field may be null: a Delta field that may not is a constraint that all its writers would have to know. */
export function deltaField(column: StoredColumn): DeltaField {
  const metadata: Record<string, string> = column.comment === undefined ? {} : { comment: column.comment }
  return { name: column.name, type: deltaType(column.type), nullable: true, metadata }
}
