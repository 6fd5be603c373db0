import { type Contract, compareContracts, systemColumns } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import type { PublishedContract } from '../contracts.ts'
import { duckdbType } from '../delta/column-type.ts'
import { createTable } from '../delta/commit.ts'
import { checkDataFiles } from '../delta/data-files.ts'
import type { DataWriter } from '../delta/data-writer.ts'
import { declaredColumns, deltaField, systemStored } from '../delta/stored-column.ts'
import { tableBefore } from './inherited-availability.ts'
import { rawRelation } from './relation.ts'

export interface Inheritance {
  readonly engine: Engine
  readonly root: string
  readonly contract: PublishedContract
  readonly runId: string
  readonly now: Date
  readonly signal?: AbortSignal | undefined
}

/**
 * Where features were renamed and nothing else broke, the new contract version begins with every row of the one before under the
 * new names: values, corrections, and since when each was known. The source may have forgotten them long ago. Makes version 0 of the
 * table; false where there is nothing to inherit.
 */
export async function inheritRows(table: string, request: Inheritance, writer: DataWriter): Promise<boolean> {
  const { engine, contract: published, runId, now, signal } = request
  const previous = await tableBefore(request.root, published)
  if (previous === undefined || !isRename(previous.contract, published.contract)) return false
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
      now,
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
  return true
}

function isRename(before: Contract, now: Contract): boolean {
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
