import type { Signature, Value, ValueType } from '../../contract/index.ts'
import { type Column, type ColumnBatch, quoteName } from '../../engine/index.ts'
import type { Instance } from '../../scoring/index.ts'
import { instanceFields } from '../instance-check.ts'

/** SELECT list of the columns of an instance, in forms that lose nothing: moments and 64-bit integers as text. */
export function instanceItems(signature: Signature, types: ReadonlyMap<string, string>): string {
  return instanceFields(signature)
    .map(({ name, type }, index) => `${item(quoteName(name), type, types.get(name) ?? '')} AS f${index}`)
    .join(', ')
}

function item(name: string, type: ValueType, given: string): string {
  if (given === 'TIMESTAMP WITH TIME ZONE') return `strftime(${name}, '%Y-%m-%dT%H:%M:%S.%fZ')`
  if (type === 'int64' || type === 'date' || type === 'timestamp' || type === 'string')
    return `CAST(${name} AS VARCHAR)`
  return name
}

/** Reads row `row` of a batch as an instance, ready for the check that requests go through. */
export function instanceReader(signature: Signature): (batch: ColumnBatch, row: number) => Instance {
  const fields = instanceFields(signature)
  return (batch, row) => {
    const instance: Record<string, Value> = {}
    fields.forEach(({ name, type }, index) => {
      instance[name] = cellOf(batch.columns[`f${index}`], row, type)
    })
    return instance
  }
}

function cellOf(column: Column | undefined, row: number, type: ValueType): Value {
  if (column === undefined) throw new Error('a selected column is missing from the batch')
  if (column.kind === 'text') return parse(column.values[row] ?? null, type)
  if (column.nulls[row]) return null
  return type === 'boolean' ? column.values[row] === 1 : (column.values[row] as number)
}

/** Text that reads as a number or a truth value becomes one; any other text stays, for the check to refuse. */
function parse(text: string | null, type: ValueType): Value {
  if (text === null || type === 'string' || type === 'timestamp' || type === 'date') return text
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (type === 'int64' && !Number.isSafeInteger(number)) return text
  return Number.isNaN(number) ? text : number
}
