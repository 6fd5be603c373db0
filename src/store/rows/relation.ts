import { type Contract, systemColumns } from '../../contract/index.ts'
import { quoteName } from '../../engine/index.ts'
import { checkTypes } from '../delta/check-types.ts'
import { duckdbType } from '../delta/column-type.ts'
import { filesRelation } from '../delta/files-relation.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import { declaredColumns, isValue, type StoredColumn, systemStored } from '../delta/stored-column.ts'

/** SELECT of every stored row: declared columns and system columns, by name and with their declared types. */
export function rawRelation(snapshot: Snapshot | undefined, contract: Contract): string {
  return storedRelation(snapshot, [...declaredColumns(contract), ...systemStored])
}

/**
 * SELECT of the latest value per entity key and event time (static groups: per key), declared columns only, without
 * what was deleted.
 * Restated rows are available no earlier than what they correct, so the newest sequence is the value known last.
 */
export function latestRelation(snapshot: Snapshot | undefined, contract: Contract): string {
  const declared = declaredColumns(contract)
    .filter(({ name }) => name !== contract.deleted)
    .map(({ name }) => quoteName(name))
    .join(', ')
  const values = isValue(contract)
  return `SELECT ${declared} FROM (${newestRows(snapshot, contract)})${values === undefined ? '' : ` WHERE ${values}`}`
}

/** The rows behind `latestRelation` with their system columns. */
export function newestRows(snapshot: Snapshot | undefined, contract: Contract): string {
  const raw = rawRelation(snapshot, contract)
  // Where nothing was ever restated there is nothing to choose, and the scan need not be sorted.
  if (snapshot === undefined || snapshot.files.length === 0 || snapshot.mark?.restatedEver === 0) return raw
  const key = identity(contract).map(quoteName).join(', ')
  const sequence = quoteName(systemColumns.sequence)
  return `SELECT * FROM (${raw}) QUALIFY row_number() OVER (PARTITION BY ${key} ORDER BY ${sequence} DESC) = 1`
}

/** The columns that tell one value of a group from another: entity key and event time. */
export function identity(contract: Contract): string[] {
  return [...Object.keys(contract.entity.key), ...(contract.eventTime === undefined ? [] : [contract.eventTime])]
}

/** The same columns in the order in which rows are stored: readers skip row groups by event time. */
export function storedOrder(contract: Contract): string[] {
  return [...(contract.eventTime === undefined ? [] : [contract.eventTime]), ...Object.keys(contract.entity.key)]
}

/** SELECT of these columns from the snapshot's files. Never `SELECT *`: the schema is what was declared, not what a file has. */
export function storedRelation(snapshot: Snapshot | undefined, columns: readonly StoredColumn[]): string {
  const wanted = columns.map(({ name, type }) => ({ name, type: duckdbType(type) }))
  if (snapshot === undefined || snapshot.files.length === 0) {
    const nulls = wanted.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteName(name)}`)
    return `SELECT ${nulls.join(', ')} WHERE false`
  }
  checkTypes(snapshot, columns)
  return filesRelation(snapshot, snapshot.files, wanted)
}
