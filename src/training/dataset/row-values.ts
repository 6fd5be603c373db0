import type { Signature, Value } from '../../contract/index.ts'
import type { ColumnBatch } from '../../engine/index.ts'

/** One row's values in the order of the signature, in the form in which serving meets them. */
export function valuesOfRow(signature: Signature, columns: ColumnBatch, row: number): Value[] {
  return signature.columns.map(({ name, type }) => {
    const column = columns.columns[name]
    if (column === undefined) throw new Error(`the batch has no column ${name}`)
    if (column.kind === 'text') return column.values[row] ?? null
    if (column.nulls[row]) return null
    return type === 'boolean' ? column.values[row] === 1 : (column.values[row] ?? null)
  })
}
