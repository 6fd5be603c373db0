import { link, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError, openStaging, replaceFile, storageError, syncDirectory, syncFile } from '../../base/index.ts'
import { type Engine, quoteText } from '../../engine/index.ts'
import type { DeltaAction } from './delta-action.ts'
import { checkpointFile } from './log.ts'
import type { Snapshot } from './snapshot.ts'
import type { TableState } from './table-state.ts'

/** A reader then reads at most so many entries of the log. */
const every = 100

/** Removed files stay named for so long, unless the table says otherwise: others' vacuum goes by them. */
const removedKeptMs = 7 * 86_400_000

const map = 'MAP(VARCHAR, VARCHAR)'

/** The schema of a checkpoint as the protocol has it: one action a row, in the column of its name. */
const columns: Readonly<Record<string, string>> = {
  txn: 'STRUCT(appId VARCHAR, version BIGINT, lastUpdated BIGINT)',
  add: `STRUCT("path" VARCHAR, partitionValues ${map}, size BIGINT, modificationTime BIGINT, dataChange BOOLEAN,
    stats VARCHAR, tags ${map})`,
  remove: `STRUCT("path" VARCHAR, deletionTimestamp BIGINT, dataChange BOOLEAN, extendedFileMetadata BOOLEAN,
    partitionValues ${map}, size BIGINT)`,
  metaData: `STRUCT(id VARCHAR, "name" VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options ${map}),
    schemaString VARCHAR, partitionColumns VARCHAR[], configuration ${map}, createdTime BIGINT)`,
  protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER)',
}

/**
 * Writes a checkpoint of the snapshot when the newest one is a hundred versions behind it. For writers to call before they
 * commit: what fails then has changed nothing, and a table that nobody writes needs none.
 */
export async function checkpointWhenDue(engine: Engine, snapshot: Snapshot): Promise<void> {
  if (snapshot.version - (snapshot.checkpoint ?? 0) >= every) await writeCheckpoint(engine, snapshot)
}

/** Writes the snapshot's checkpoint, whole or not at all, and lets `_last_checkpoint` name it. */
export async function writeCheckpoint(engine: Engine, { table, version, state }: Snapshot): Promise<void> {
  const folder = join(table, '_delta_log')
  const staging = await openStaging(folder)
  try {
    const actions = actionsOf(state)
    const lines = join(staging.path, 'actions.json')
    const staged = join(staging.path, 'checkpoint.parquet')
    await writeFile(lines, actions.map((action) => JSON.stringify(action)).join('\n')).catch((error: unknown) => {
      throw storageError(error, lines)
    })
    const spelled = Object.entries(columns).map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`)
    const options = `format = 'newline_delimited', maximum_object_size = 1073741824, columns = {${spelled.join(', ')}}`
    const { bytes } = await engine.writeParquet(`SELECT * FROM read_json(${quoteText(lines)}, ${options})`, staged)
    await syncFile(staged)
    await link(staged, checkpointFile(table, version)).catch((error: unknown) => {
      // Another writer checkpoints the same version: it is the same state.
      if (!isSystemError(error, 'EEXIST')) throw storageError(error, folder)
    })
    await syncDirectory(folder)
    const hint = { version, size: actions.length, sizeInBytes: bytes, numOfAddFiles: state.files.size }
    await replaceFile(join(folder, '_last_checkpoint'), JSON.stringify(hint))
  } finally {
    await staging.discard()
  }
}

function actionsOf(state: TableState): DeltaAction[] {
  const { protocol, metadata } = state
  const keepsAll = metadata?.configuration['delta.deletedFileRetentionDuration'] !== undefined
  const removed = [...state.removed.values()].filter(
    ({ deletionTimestamp = 0 }) => keepsAll || deletionTimestamp > state.timestamp - removedKeptMs,
  )
  return [
    ...(protocol ? [{ protocol }] : []),
    ...(metadata ? [{ metaData: metadata }] : []),
    ...[...state.transactions.values()].map((txn) => ({ txn })),
    ...[...state.files.values()].map((add) => ({ add: { ...add, dataChange: false } })),
    ...removed.map((remove) => ({ remove: { ...remove, dataChange: false } })),
  ]
}
