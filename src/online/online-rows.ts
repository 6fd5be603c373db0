import { type Contract, systemColumns, type Value, type ValueType } from '../contract/index.ts'
import { type Column, type ColumnBatch, quoteName } from '../engine/index.ts'
import type { OnlineRow } from './sync-request.ts'

/** SELECT that gives a group's rows as `onlineRows` reads them. */
export function onlineSelect(contract: Contract, relation: string): string {
  const items = fieldsOf(contract).map(([name, type], index) => `${selectable(quoteName(name), type)} AS f${index}`)
  const eventTime = contract.eventTime === undefined ? 'CAST(NULL AS TIMESTAMPTZ)' : quoteName(contract.eventTime)
  return `SELECT ${items.join(', ')}, ${eventTime} AS event_time, ${systemColumns.availableAt} AS available_at FROM (${relation})`
}

/** Typed columns -> rows in the form in which the online store keeps them, batch by batch. */
export async function* onlineRows(batches: AsyncIterable<ColumnBatch>, contract: Contract): AsyncIterable<OnlineRow[]> {
  const fields = fieldsOf(contract)
  const keys = Object.keys(contract.entity.key).length
  for await (const batch of batches) {
    const readers = fields.map(([, type], index) => valueReader(batch.columns[`f${index}`], type))
    const eventTimes = moments(batch.columns['event_time'])
    const availableAt = moments(batch.columns['available_at'])
    yield Array.from({ length: batch.rows }, (_, row) => {
      const values = readers.map((read) => read(row))
      const at = eventTimes[row] ?? Number.NaN
      return {
        key: values.slice(0, keys),
        values: values.slice(keys),
        eventTimeMs: Number.isNaN(at) ? null : at,
        availableAtMs: availableAt[row] ?? 0,
      }
    })
  }
}

function fieldsOf(contract: Contract): (readonly [name: string, type: ValueType])[] {
  return [...Object.entries(contract.entity.key), ...contract.features.map(({ name, type }) => [name, type] as const)]
}

/** A 64-bit integer travels as text: as a number it would lose digits beyond 2^53. */
function selectable(name: string, type: ValueType): string {
  return type === 'int64' || type === 'date' ? `CAST(${name} AS VARCHAR)` : name
}

function valueReader(column: Column | undefined, type: ValueType): (row: number) => Value {
  if (column === undefined) throw new Error('a selected column is missing from the batch')
  if (column.kind === 'text') {
    const { values } = column
    if (type !== 'int64') return (row) => values[row] ?? null
    return (row) => {
      const text = values[row] ?? null
      return text !== null && Number.isSafeInteger(Number(text)) ? Number(text) : text
    }
  }
  const { values, nulls } = column
  if (type === 'boolean') return (row) => (nulls[row] ? null : values[row] === 1)
  if (type === 'timestamp') return (row) => (nulls[row] ? null : new Date(values[row] ?? 0).toISOString())
  return (row) => (nulls[row] ? null : (values[row] ?? null))
}

function moments(column: Column | undefined): Float64Array {
  if (column?.kind !== 'number') throw new Error('a time column is missing from the batch')
  return column.values
}
