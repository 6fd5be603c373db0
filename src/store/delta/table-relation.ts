import { quoteName } from '../../engine/index.ts'
import { duckdbTypeOfDelta } from './column-type.ts'
import { filesRelation } from './files-relation.ts'
import { unsupported } from './protocol.ts'
import type { DataFile, Snapshot } from './snapshot.ts'

/** SELECT of all rows of any Delta table, or of some of its files, with the columns and types of its own schema, nested ones too. */
export function tableRelation(snapshot: Snapshot, files: readonly DataFile[] = snapshot.files): string {
  const { table, schema } = snapshot
  const columns = schema.map(({ name, type }) => {
    const known = typeOf(type)
    if (known === undefined) throw unsupported(table, `the type of its column ${name}`)
    return { name, type: known }
  })
  if (files.length > 0) return filesRelation(snapshot, files, columns)
  const nulls = columns.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${quoteName(name)}`)
  return `SELECT ${nulls.join(', ')} WHERE false`
}

interface NestedType {
  readonly type?: unknown
  readonly fields?: readonly { readonly name: string; readonly type: unknown }[]
  readonly elementType?: unknown
  readonly keyType?: unknown
  readonly valueType?: unknown
}

function typeOf(delta: unknown): string | undefined {
  if (typeof delta !== 'object' || delta === null) return duckdbTypeOfDelta(delta)
  const nested = delta as NestedType
  if (nested.type === 'array') return joined([nested.elementType], ([element]) => `${element}[]`)
  if (nested.type === 'map') return joined([nested.keyType, nested.valueType], (types) => `MAP(${types.join(', ')})`)
  const fields = nested.type === 'struct' ? (nested.fields ?? []) : []
  if (fields.length === 0) return undefined
  const names = fields.map(({ name }) => quoteName(name))
  return joined(
    fields.map(({ type }) => type),
    (types) => `STRUCT(${types.map((type, index) => `${names[index]} ${type}`).join(', ')})`,
  )
}

/** The type made of these, or undefined when one of them is not known. */
function joined(parts: readonly unknown[], join: (types: string[]) => string): string | undefined {
  const types = parts.flatMap((part) => typeOf(part) ?? [])
  return types.length === parts.length ? join(types) : undefined
}
