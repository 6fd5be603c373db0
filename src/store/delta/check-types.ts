import { FtiError } from '../../base/index.ts'
import { storeErrors } from '../errors.ts'
import { deltaType, holdsType } from './column-type.ts'
import type { Snapshot } from './snapshot.ts'
import type { StoredColumn } from './stored-column.ts'

/**
 * Refuses a table of which another writer has changed a column's type: a cast would turn what it cannot hold into an error
 * somewhere else, or into another value. Columns that the table does not have yet are read as null.
 */
export function checkTypes({ table, schema, version }: Snapshot, columns: readonly StoredColumn[]): void {
  const fields = new Map(schema.map((field) => [field.name, field.type]))
  for (const { name, type } of columns) {
    const actual = fields.get(name)
    if (actual === undefined || holdsType(type, actual)) continue
    throw new FtiError(storeErrors.FTI_TABLE_SCHEMA, {
      message: `column ${name} of snapshot ${version} is ${typeText(actual)}; the contract declares ${deltaType(type)}`,
      place: table,
      remedy: 'see with `fti feature history` which commit changed it, and let its writer restore the column',
      data: { column: name, declared: deltaType(type), actual },
    })
  }
}

function typeText(type: unknown): string {
  return typeof type === 'string' ? type : 'nested'
}
