import { tmpdir } from 'node:os'
import { FtiError } from '../../base/index.ts'
import { openEngine, quoteText } from '../../engine/index.ts'
import { storeErrors } from '../errors.ts'
import type { AddFile, DeltaAction } from './delta-action.ts'
import type { CheckpointFiles } from './log.ts'
import { applyActions, emptyState, type TableState } from './table-state.ts'

/** A file's `add` as a checkpoint may have it: statistics as a struct instead of as JSON. */
type CheckpointedAdd = AddFile & { readonly stats_parsed?: object | null }

/** The state of a table from its checkpoint; an error when that cannot be read or is not whole. */
export async function readCheckpoint(table: string, { version, paths }: CheckpointFiles): Promise<TableState> {
  const engine = await openEngine({ tempDirectory: tmpdir(), allowedDirectories: [table], threads: 1 })
  try {
    const files = paths.map(quoteText).join(', ')
    // Parts may lack the columns of which they hold no action; to unite them means to open each twice.
    const options = `union_by_name = ${paths.length > 1}, hive_partitioning = false`
    const { columns: found } = await engine.columns(
      `SELECT CAST(to_json(c) AS VARCHAR) AS action FROM read_parquet([${files}], ${options}) c`,
    )
    const lines = found['action']?.kind === 'text' ? found['action'].values : []
    const state = emptyState()
    applyActions(
      state,
      lines.map((line) => decodeAction(line ?? '{}')),
    )
    if (!state.protocol || !state.metadata) throw new Error('a checkpoint has a protocol and a schema')
    state.version = version
    // A checkpoint has no time of its own; that of its files is the nearest to it.
    state.timestamp = Math.max(0, ...[...state.files.values()].map(({ modificationTime }) => modificationTime))
    return state
  } catch (error) {
    throw new FtiError(storeErrors.FTI_TABLE_CORRUPT, {
      message: `the checkpoint of version ${version} cannot be read, and the log before it is not whole`,
      place: paths[0] ?? table,
      remedy: 'restore that file, or the older files of the log, from a backup',
      cause: error,
    })
  } finally {
    await engine.close()
  }
}

function decodeAction(line: string): DeltaAction {
  // Members that an action does not have are null in a checkpoint, where the log leaves them out.
  const action = JSON.parse(line) as Record<string, Record<string, unknown> | null>
  const present = Object.entries(action).flatMap(([kind, members]) =>
    members === null ? [] : [[kind, withoutNulls(members)] as const],
  )
  const decoded = Object.fromEntries(present) as DeltaAction
  const add = decoded.add as CheckpointedAdd | undefined
  if (!add?.stats_parsed) return decoded
  const { stats_parsed: parsed, ...rest } = add
  return { ...decoded, add: { ...rest, stats: rest.stats ?? JSON.stringify(parsed) } }
}

function withoutNulls(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))
}
