import { join } from 'node:path'
import { quoteFile, quoteName, quoteText } from '../../engine/index.ts'
import type { DataFile, Snapshot } from './snapshot.ts'

/** A column to read, by DuckDB's name of its type. */
interface ReadColumn {
  readonly name: string
  readonly type: string
}

type Table = Pick<Snapshot, 'table' | 'schema' | 'metadata'>

/**
 * SELECT of columns from a table's files, of which there is at least one. The schema is given by name: columns are found
 * whatever their order in a file, what a file lacks is null, and what it holds in a narrower type is widened.
 */
export function filesRelation(table: Table, files: readonly DataFile[], columns: readonly ReadColumn[]): string {
  const isPartition = ({ name }: ReadColumn) => table.metadata.partitionColumns.includes(name)
  const partitions = columns.filter(isPartition)
  const schema = columns
    .filter((column) => !isPartition(column))
    .map(
      ({ name, type }) =>
        `${quoteText(name)}: {name: ${quoteText(name)}, type: ${quoteText(type)}, default_value: NULL}`,
    )
  const paths = files.map(({ path }) => quoteFile(join(table.table, path))).join(', ')
  const options = [
    'hive_partitioning = false',
    ...(schema.length === 0 ? [] : [`schema = MAP {${schema.join(', ')}}`]),
    ...(partitions.length === 0 ? [] : [`filename = ${quoteText(fileColumn)}`]),
  ]
  const scan = `read_parquet([${paths}], ${options.join(', ')})`
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  if (partitions.length === 0) return `SELECT ${names} FROM ${scan}`
  return `SELECT ${names} FROM ${scan} JOIN ${partitionValues(table, files, partitions)} USING (${fileColumn})`
}

const fileColumn = '_fti_file'

/** The values that the log has for each file: partition columns are in no file. Null and the empty text are null. */
function partitionValues({ table }: Table, files: readonly DataFile[], columns: readonly ReadColumn[]): string {
  const rows = files.map(({ path, add }) => {
    const values = columns.map(({ name }) => {
      const value = add.partitionValues[name]
      return value === undefined || value === null || value === '' ? 'NULL' : quoteText(value)
    })
    return `(${[quoteText(join(table, path)), ...values].join(', ')})`
  })
  const items = columns.map(({ name, type }, index) => `CAST(v${index} AS ${type}) AS ${quoteName(name)}`)
  const names = [fileColumn, ...columns.map((_, index) => `v${index}`)].join(', ')
  return `(SELECT ${[fileColumn, ...items].join(', ')} FROM (VALUES ${rows.join(', ')}) p(${names}))`
}
