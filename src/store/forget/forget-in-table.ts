import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { storageError, syncDirectory, throwIfCancelled } from '../../base/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import { commitTable } from '../delta/commit.ts'
import type { DataWriter } from '../delta/data-writer.ts'
import { listLog } from '../delta/log.ts'
import { readSnapshot, type Snapshot } from '../delta/snapshot.ts'
import { tableRelation } from '../delta/table-relation.ts'
import { writeCheckpoint } from '../delta/write-checkpoint.ts'
import { attemptCommits } from '../rows/commit-attempts.ts'
import { type EntityToForget, isAbout } from './entity-to-forget.ts'
import { type HoldingTable, rowsByFile } from './held-in-table.ts'
import { checkpointsMentioning, entriesMentioning, stripEntry } from './log-mentions.ts'
import { isRefusedRowAbout } from './refused-rows.ts'

export interface ForgetWork {
  readonly engine: Engine
  readonly entity: EntityToForget
  readonly now: Date
  readonly command: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Erases an entity from a table: its newest version first, by a commit that puts files without its rows in place of those with
 * them; then the statistics that name it; then the files themselves, of whatever version. In this order, because what is
 * left to do after a crash is found by the files that are still there. Readers of older snapshots find a file missing.
 */
export async function forgetInTable(
  { path: table, name, eventTime }: Pick<HoldingTable, 'path' | 'name' | 'eventTime'>,
  work: ForgetWork,
): Promise<void> {
  const { engine, entity, signal } = work
  const condition = name === 'quarantine' ? isRefusedRowAbout(entity) : isAbout(entity)
  await attemptCommits(table, { signal }, (writer) => replaceFiles({ table, eventTime, condition }, writer, work))
  const holding = await rowsByFile(engine, table, condition, signal)
  await eraseFromLog(table, work)
  for (const file of holding.keys()) {
    throwIfCancelled(signal)
    await rm(join(table, file), { force: true }).catch((error: unknown) => {
      throw storageError(error, join(table, file))
    })
  }
  await syncDirectory(table)
}

interface RowsToErase {
  readonly table: string
  readonly eventTime: string | undefined
  readonly condition: string
}

async function replaceFiles(erased: RowsToErase, writer: DataWriter, work: ForgetWork): Promise<void> {
  const { table, eventTime, condition } = erased
  const { engine, now, command, signal } = work
  const snapshot = await readSnapshot(table)
  if (snapshot === undefined) return
  const holding = await rowsByFile(engine, table, condition, signal)
  const remove = snapshot.files.filter(({ path }) => holding.has(path))
  if (remove.length === 0) return
  const add = []
  for (const file of remove) {
    if (holding.get(file.path) === file.rows) continue
    const rest = `SELECT * FROM (${tableRelation(snapshot, [file])}) WHERE ${condition} IS NOT TRUE`
    add.push(await writer.write(engine, rest, signal))
  }
  const latest = eventTime === undefined ? {} : await latestLeft(engine, snapshot, { eventTime, condition, signal })
  const mark = { command: withoutKey(command), ...latest }
  await commitTable(snapshot, { operation: 'DELETE', now, add, remove, mark })
}

/** The latest event time may have been that of a row that goes. */
async function latestLeft(
  engine: Engine,
  snapshot: Snapshot,
  {
    eventTime,
    condition,
    signal,
  }: Pick<RowsToErase, 'condition'> & { eventTime: string; signal?: AbortSignal | undefined },
): Promise<{ highWaterMark: string | null }> {
  const rows = tableRelation(snapshot, snapshot.files)
  const [found] = await engine.rows<{ latest: string | null }>(
    `SELECT max(${quoteName(eventTime)}) AS latest FROM (${rows}) WHERE ${condition} IS NOT TRUE`,
    signal,
  )
  return { highWaterMark: found?.latest ?? null }
}

/** The log is for good: a key typed on the command line must not be written into it. */
function withoutKey(command: string): string {
  return command.replaceAll(/--key(?:=|\s+)\S+/g, '--key …')
}

async function eraseFromLog(table: string, { engine, entity, signal }: ForgetWork): Promise<void> {
  const snapshot = await readSnapshot(table)
  if (snapshot === undefined) return
  const mentions = { entity, staying: new Set(snapshot.files.map(({ path }) => path)) }
  const listing = await listLog(table)
  const checkpoints = await checkpointsMentioning(engine, listing, mentions)
  // Where a log begins with a checkpoint, it can be read after that one is gone only by a newer one.
  if (checkpoints.length > 0) await writeCheckpoint(engine, snapshot)
  for (const path of checkpoints.flatMap(({ paths }) => paths)) await rm(path, { force: true })
  for (const version of await entriesMentioning(table, listing, mentions)) {
    throwIfCancelled(signal)
    await stripEntry(table, version, mentions)
  }
  await syncDirectory(join(table, '_delta_log'))
}
