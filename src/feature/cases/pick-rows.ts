import type { FeatureGroup } from '../../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../../engine/index.ts'

type Row = Readonly<Record<string, unknown>>

export interface RowsToPick {
  readonly group: FeatureGroup
  /** What the transform reads, by the names that the engine knows. */
  readonly inputs: readonly string[]
  readonly key?: Readonly<Record<string, string>> | undefined
  readonly rowsMax: number
}

/**
 * A few rows of each input that belong together: those of one entity, where an input has columns of its key. Which entity, the caller
 * says, or it is that of most rows in the first input that knows it: windows and joins then have something to work on.
 */
export async function pickRows(
  engine: Engine,
  { group, inputs, key, rowsMax }: RowsToPick,
): Promise<Map<string, readonly Row[]>> {
  const picked = new Map<string, readonly Row[]>()
  const wanted = new Map(Object.entries(key ?? {}))
  for (const name of inputs) {
    const columns = (await engine.describe(`SELECT * FROM ${quoteName(name)}`)).map((column) => column.name)
    const own = Object.keys(group.entity.key).filter((column) => columns.includes(column))
    await chooseKey(engine, name, own, wanted)
    picked.set(name, await engine.rows<Row>(`SELECT * FROM ${quoteName(name)} ${ofKey(own, wanted)} LIMIT ${rowsMax}`))
  }
  return picked
}

/** Adds to the key what of it this input has and nobody has said. */
async function chooseKey(engine: Engine, name: string, own: readonly string[], wanted: Map<string, string>) {
  const open = own.filter((column) => !wanted.has(column))
  if (open.length === 0) return
  const list = open.map(quoteName).join(', ')
  const texts = open.map((column) => `CAST(${quoteName(column)} AS VARCHAR) AS ${quoteName(column)}`).join(', ')
  const [most] = await engine.rows<Record<string, string | null>>(
    `SELECT ${texts} FROM ${quoteName(name)} ${ofKey(own, wanted)} GROUP BY ${list} ORDER BY count(*) DESC, ${list} LIMIT 1`,
  )
  for (const [column, value] of Object.entries(most ?? {})) if (value !== null) wanted.set(column, value)
}

function ofKey(own: readonly string[], wanted: ReadonlyMap<string, string>): string {
  const conditions = own.flatMap((column) => {
    const value = wanted.get(column)
    return value === undefined ? [] : [`CAST(${quoteName(column)} AS VARCHAR) = ${quoteText(value)}`]
  })
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
}
