import { FtiError, newId } from '../../base/index.ts'
import type { Contract } from '../../contract/index.ts'
import { type Engine, inFrom, isInOrder, quoteName } from '../../engine/index.ts'
import { duckdbType } from '../delta/column-type.ts'
import { declaredColumns } from '../delta/stored-column.ts'
import { storeErrors } from '../errors.ts'
import { identity, storedOrder } from './relation.ts'

/** Column of a candidate that says when the row's values were known; null in static groups. */
export const declaredAvailability = '_declared_available_at'

/** Rows that want to enter a table, held still and found sound. */
export interface Candidate {
  /** Quoted name of the engine's table or view that has them: declared columns and `_declared_available_at`. */
  readonly table: string
  /** Column of `table` that counts the rows from 0, where they lie in the order in which they are stored. */
  readonly place?: string | undefined
  readonly rows: number
  /** First and last event time, ISO 8601; absent without rows and in static groups. */
  readonly span?: { readonly first: string; readonly last: string } | undefined
  drop(): Promise<void>
}

/**
 * Holds the rows still in the engine and checks what any feature table needs: each declared column with its type, no null key, a
 * finite event time and availability, one value per key and event time.
 */
export async function holdCandidate(
  engine: Engine,
  contract: Contract,
  { candidate: relation, rowid }: { readonly candidate: string; readonly rowid?: string | undefined },
  signal?: AbortSignal,
): Promise<Candidate> {
  await checkColumns(engine, contract, relation)
  const table = quoteName(`_candidate_${newId()}`)
  const whole = quoteName(`_whole${table.slice(1, -1)}`)
  const columns = [...declaredColumns(contract).map(({ name }) => quoteName(name)), declaredAvailability]
  const kind = rowid === undefined ? 'TABLE' : 'VIEW'
  const place = rowid === undefined ? 'rowid' : quoteName(rowid)
  const given = [...columns, ...(rowid === undefined ? [] : [place])].join(', ')
  await engine.execute(`CREATE ${kind} ${table} AS SELECT ${given} FROM ${inFrom(relation)}`, signal)
  const drop = async () => {
    await engine.execute(`DROP ${kind} IF EXISTS ${table}`)
    await engine.execute(`DROP TABLE IF EXISTS ${whole}`)
  }
  try {
    const checked = await checkRows(engine, contract, table)
    if (await isInOrder(engine, table, storedOrder(contract))) return { table, place, ...checked, drop }
    if (!(await hasDuplicates(engine, contract, table))) return { table, ...checked, drop }
    await collapse(engine, contract, table, whole)
    await refuseDuplicates(engine, contract, whole)
    const [left] = await engine.rows<{ rows: number }>(`SELECT count(*) AS rows FROM ${whole}`)
    return { table: whole, ...checked, rows: left?.rows ?? 0, drop }
  } catch (error) {
    // A statement that broke the engine leaves nothing to drop, and is what the caller must see.
    await drop().catch(() => {})
    throw error
  }
}

async function checkColumns(engine: Engine, contract: Contract, relation: string): Promise<void> {
  const given = new Map(
    (await engine.describe(`SELECT * FROM ${inFrom(relation)}`)).map(({ name, type }) => [name, type]),
  )
  const needed = declaredColumns(contract).map(({ name, type }) => ({ name, type: duckdbType(type) }))
  const wrong = [...needed, { name: declaredAvailability, type: duckdbType('timestamp') }].find(
    ({ name, type }) => given.get(name) !== type,
  )
  if (wrong === undefined) return
  throw new FtiError(storeErrors.FTI_ROWS_INVALID, {
    message: `column ${wrong.name} of ${contract.group} must be ${wrong.type}; the rows have ${given.get(wrong.name) ?? 'no such column'}`,
    place: contract.group,
    remedy: `give it as CAST(… AS ${wrong.type})`,
    data: { column: wrong.name, declared: wrong.type, given: given.get(wrong.name) ?? null },
  })
}

async function checkRows(engine: Engine, contract: Contract, table: string): Promise<Pick<Candidate, 'rows' | 'span'>> {
  const rules: { broken: string; what: string }[] = Object.keys(contract.entity.key).map((name) => ({
    broken: `${quoteName(name)} IS NULL`,
    what: `no ${name}`,
  }))
  if (contract.eventTime !== undefined) {
    const time = quoteName(contract.eventTime)
    rules.push({ broken: `${time} IS NULL OR NOT isfinite(${time})`, what: `no finite ${contract.eventTime}` })
    const known = `${declaredAvailability} IS NULL OR NOT isfinite(${declaredAvailability})`
    rules.push({ broken: known, what: 'no finite time from which they are available' })
  }
  const counts = rules.map(({ broken }, index) => `count(*) FILTER (${broken}) AS broken_${index}`)
  const time = contract.eventTime === undefined ? 'NULL' : quoteName(contract.eventTime)
  const [found] = await engine.rows<Record<string, number | string | null>>(
    `SELECT count(*) AS rows, min(${time}) AS first, max(${time}) AS last, ${counts.join(', ')} FROM ${table}`,
  )
  const worst = rules.findIndex((_, index) => Number(found?.[`broken_${index}`] ?? 0) > 0)
  const rule = rules[worst]
  if (rule === undefined) {
    const [first, last] = [found?.['first'], found?.['last']]
    const span = typeof first === 'string' && typeof last === 'string' ? { span: { first, last } } : {}
    return { rows: Number(found?.['rows'] ?? 0), ...span }
  }
  const columns = identity(contract).map(quoteName).join(', ')
  const sample = await engine.rows(`SELECT ${columns} FROM ${table} WHERE ${rule.broken} LIMIT 5`)
  throw new FtiError(storeErrors.FTI_ROWS_INVALID, {
    message: `${found?.[`broken_${worst}`]} rows for ${contract.group} have ${rule.what}`,
    place: contract.group,
    remedy: 'leave such rows out in the transform, or set onInvalid: quarantine',
    detail: sample.map((row) => JSON.stringify(row)).join('\n'),
    data: { sample },
  })
}

async function hasDuplicates(engine: Engine, contract: Contract, table: string): Promise<boolean> {
  const key = identity(contract).map(quoteName).join(', ')
  const found = await engine.rows(`SELECT 1 FROM ${table} GROUP BY ${key} HAVING count(*) > 1 LIMIT 1`)
  return found.length > 0
}

/** Rows that repeat all values become one, known since the earliest of them. */
async function collapse(engine: Engine, contract: Contract, table: string, into: string): Promise<void> {
  const columns = declaredColumns(contract)
    .map(({ name }) => quoteName(name))
    .join(', ')
  await engine.execute(
    `CREATE OR REPLACE TABLE ${into} AS
     SELECT ${columns}, min(${declaredAvailability}) AS ${declaredAvailability} FROM ${table} GROUP BY ${columns}`,
  )
}

async function refuseDuplicates(engine: Engine, contract: Contract, table: string): Promise<void> {
  const key = identity(contract).map(quoteName).join(', ')
  const repeated = `SELECT ${key} FROM ${table} GROUP BY ${key} HAVING count(*) > 1`
  const [found] = await engine.rows<{ keys: number }>(`SELECT count(*) AS keys FROM (${repeated})`)
  if (found === undefined || found.keys === 0) return
  const columns = declaredColumns(contract)
    .map(({ name }) => quoteName(name))
    .join(', ')
  const sample = await engine.rows(
    `SELECT ${columns} FROM ${table} SEMI JOIN (${repeated} ORDER BY ${key} LIMIT 3) USING (${key}) ORDER BY ALL LIMIT 6`,
  )
  const oneRow = `QUALIFY row_number() OVER (PARTITION BY ${identity(contract).join(', ')} …) = 1`
  throw new FtiError(storeErrors.FTI_DUPLICATE_KEY, {
    message: `${found.keys} times ${contract.group} has different values for the same ${identity(contract).join(', ')}`,
    place: contract.group,
    remedy: `make the transform give one row for each: aggregate, or choose one with ${oneRow}`,
    detail: sample.map((row) => JSON.stringify(row)).join('\n'),
    data: { keys: found.keys, sample },
  })
}
