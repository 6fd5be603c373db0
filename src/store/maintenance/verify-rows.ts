import { counted, FtiError } from '../../base/index.ts'
import { type Contract, systemColumns } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import type { Snapshot } from '../delta/snapshot.ts'
import { declaredColumns } from '../delta/stored-column.ts'
import { rawRelation } from '../rows/relation.ts'
import { corruptFinding, findingOf, type StoreFinding } from './store-finding.ts'

/**
 * Compares a table with its contract: the columns, and what no reader of a feature table can do without: a key, the times
 * and a sequence that tells one row from another. Other engines can append rows that lack them.
 */
export async function verifyRows(
  engine: Engine,
  snapshot: Snapshot,
  contract: Contract,
  signal?: AbortSignal,
): Promise<StoreFinding[]> {
  const { table, schema, version } = snapshot
  const known = new Set(schema.map(({ name }) => name))
  const missing = declaredColumns(contract).filter(({ name }) => !known.has(name))
  const findings = missing.map(({ name }): StoreFinding => {
    const problem = `column ${name} of the contract is not in snapshot ${version}; it reads as null`
    return { severity: 'warning', place: table, problem, remedy: `fill it: fti feature run ${contract.group}` }
  })
  try {
    return [...findings, ...(await rowFindings(engine, snapshot, contract, signal))]
  } catch (error) {
    if (!(error instanceof FtiError) || error.code !== 'FTI_TABLE_SCHEMA') throw error
    return [...findings, findingOf(error, table)]
  }
}

async function rowFindings(
  engine: Engine,
  snapshot: Snapshot,
  contract: Contract,
  signal?: AbortSignal,
): Promise<StoreFinding[]> {
  const needed = [
    ...Object.keys(contract.entity.key),
    ...(contract.eventTime === undefined ? [] : [contract.eventTime]),
    ...Object.values(systemColumns),
  ]
  const sequence = quoteName(systemColumns.sequence)
  const counts = needed.map((name, index) => `count(*) FILTER (${quoteName(name)} IS NULL) AS null_${index}`)
  const [found] = await engine.rows<Record<string, number>>(
    `SELECT ${counts.join(', ')}, count(${sequence}) - count(DISTINCT ${sequence}) AS repeated
     FROM (${rawRelation(snapshot, contract)})`,
    signal,
  )
  const remedy =
    'see which commit added them: fti feature history; joins leave such rows out or choose among them at random'
  const problems = needed.flatMap((name, index) => {
    const rows = found?.[`null_${index}`] ?? 0
    return rows === 0 ? [] : [`${counted(rows, 'row')} without ${name}`]
  })
  const repeated = found?.['repeated'] ?? 0
  if (repeated > 0) problems.push(`${counted(repeated, 'row')} with the ${systemColumns.sequence} of another row`)
  return problems.map((problem) => corruptFinding(snapshot.table, problem, remedy))
}
