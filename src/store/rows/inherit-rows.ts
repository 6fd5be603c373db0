import { type Contract, compareContracts, systemColumns } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import type { PublishedContract } from '../contracts.ts'
import { duckdbType } from '../delta/column-type.ts'
import { createTable } from '../delta/commit.ts'
import { checkDataFiles } from '../delta/data-files.ts'
import type { DataWriter } from '../delta/data-writer.ts'
import { readSnapshot } from '../delta/snapshot.ts'
import { declaredColumns, deltaField, systemStored } from '../delta/stored-column.ts'
import { tablePath } from '../table-path.ts'
import { type Attempts, attemptCommits } from './commit-attempts.ts'
import { type FormerTable, tableBefore } from './inherited-availability.ts'
import { rawRelation } from './relation.ts'

export interface Inheritance extends Attempts {
  readonly engine: Engine
  readonly root: string
  readonly contract: PublishedContract
  readonly runId: string
  readonly clock: () => Date
}

/**
 * Gives a contract version that inherits rows its table, where it has none yet. Whoever compares with what is stored does this first,
 * or takes inherited rows for rows that are not there.
 * @returns how many rows it inherited
 */
export async function beginTable(request: Inheritance): Promise<number> {
  const { root, contract: published } = request
  const table = tablePath(root, published.contract.group, published.version)
  if ((await readSnapshot(table)) !== undefined) return 0
  const previous = await tableBefore(root, published)
  if (previous === undefined || !isRename(previous.contract, published.contract)) return 0
  return attemptCommits(table, request, async (writer) =>
    (await readSnapshot(table)) === undefined ? inheritRows(table, request, previous, writer) : 0,
  )
}

/**
 * Where features were renamed and nothing else broke, the new contract version begins with every row of the one before under the
 * new names: values, corrections, and since when each was known. The source may have forgotten them long ago. Makes version 0 of the
 * table.
 */
async function inheritRows(
  table: string,
  { engine, contract: published, runId, clock, signal }: Inheritance,
  previous: FormerTable,
  writer: DataWriter,
): Promise<number> {
  await checkDataFiles(previous.snapshot)
  const file = await writer.write(
    engine,
    renamed(previous.contract, published.contract, rawRelation(previous.snapshot, previous.contract)),
    signal,
  )
  const { group, description } = published.contract
  const { lastSequence, highWaterMark, restatedEver } = previous.snapshot.mark ?? {}
  await createTable(
    table,
    { name: group, description, configuration: { 'fti.contractVersion': String(published.version) } },
    {
      operation: 'CREATE TABLE AS SELECT',
      now: clock(),
      add: file.rows === 0 ? [] : [file],
      schema: [...declaredColumns(published.contract), ...systemStored].map(deltaField),
      mark: {
        runId,
        contractVersion: published.version,
        appended: file.rows,
        ...(lastSequence === undefined ? {} : { lastSequence }),
        ...(highWaterMark === undefined ? {} : { highWaterMark }),
        ...(restatedEver === undefined ? {} : { restatedEver }),
      },
    },
  )
  return file.rows
}

/** Whether nothing broke but the names of features, so that the rows of before are taken over. */
export function isRename(before: Contract, now: Contract): boolean {
  const breaking = compareContracts(before, now).filter((change) => change.class === 'breaking')
  return breaking.length > 0 && breaking.every(({ what }) => what.startsWith('renamed from '))
}

function renamed(before: Contract, now: Contract, rows: string): string {
  const had = new Set(before.features.map(({ name }) => name))
  const from = new Map(
    now.features.flatMap(({ name, renamedFrom }) => {
      const source = had.has(name) ? name : renamedFrom
      return source !== undefined && had.has(source) ? [[name, source] as const] : []
    }),
  )
  const features = now.features.map(({ name, type }) => {
    const source = from.get(name)
    return `${source === undefined ? `CAST(NULL AS ${duckdbType(type)})` : quoteName(source)} AS ${quoteName(name)}`
  })
  const same = [...Object.keys(now.entity.key), ...(now.eventTime === undefined ? [] : [now.eventTime])].map(quoteName)
  const wasDeleted = before.deleted === undefined ? 'CAST(NULL AS BOOLEAN)' : quoteName(before.deleted)
  const mark = now.deleted === undefined ? [] : [`${wasDeleted} AS ${quoteName(now.deleted)}`]
  const system = systemStored.map(({ name }) => quoteName(name))
  return `SELECT ${[...same, ...features, ...mark, ...system].join(', ')} FROM (${rows}) ORDER BY ${systemColumns.sequence}`
}
