import { FtiError, throwIfCancelled } from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import { commitTable, type TableChange } from '../delta/commit.ts'
import { checkDataFiles } from '../delta/data-files.ts'
import type { DataWriter, WrittenFile } from '../delta/data-writer.ts'
import { refuseUnwritable } from '../delta/protocol.ts'
import { type DataFile, readSnapshot, type Snapshot } from '../delta/snapshot.ts'
import { tableRelation } from '../delta/table-relation.ts'
import { checkpointWhenDue } from '../delta/write-checkpoint.ts'
import { storeErrors } from '../errors.ts'
import { attemptCommits } from '../rows/commit-attempts.ts'

/** Files are joined until they have about this size: large enough to be cheap to open, small enough to be read in parallel. */
const targetBytes = 128 * 1024 * 1024

export interface Optimized {
  /** The version that joins the files; absent when there was nothing to join. */
  readonly version: number | null
  readonly before: { readonly files: number; readonly bytes: number }
  readonly after: { readonly files: number; readonly bytes: number }
}

export interface OptimizeRequest {
  readonly engine: Engine
  readonly now: Date
  readonly signal?: AbortSignal | undefined
}

/**
 * Joins small files of a table. The rows stay the same, in the same order, with all their columns, and the commit says so:
 * readers of changes see none. Others may append meanwhile: then the joined files land behind theirs. `undefined` when there
 * is no table.
 */
export async function optimizeTable(table: string, request: OptimizeRequest): Promise<Optimized | undefined> {
  if ((await readSnapshot(table)) === undefined) return undefined
  return attemptCommits(table, request, async (writer) => {
    const snapshot = await readSnapshot(table)
    if (snapshot === undefined) throw new Error(`${table} is gone`)
    const bins = smallFiles(snapshot.files)
    const before = sizes(snapshot.files)
    if (bins.length === 0) return { version: null, before, after: before }
    refuseUnwritable(table, snapshot.protocol, snapshot.metadata)
    await checkDataFiles(snapshot)
    const add: WrittenFile[] = []
    for (const bin of bins) add.push(await joinFiles(request, writer, snapshot, bin))
    const remove = bins.flat()
    const version = await land(request, snapshot, {
      operation: 'OPTIMIZE',
      now: request.now,
      add,
      remove,
      dataChange: false,
    })
    const kept = snapshot.files.filter((file) => !remove.includes(file))
    return { version, before, after: sizes([...kept, ...add]) }
  })
}

/** Neighbours in the log that together make one file: the order of the rows stays that of their commits. */
function smallFiles(files: readonly DataFile[]): DataFile[][] {
  const bins: DataFile[][] = [[]]
  let bytes = 0
  for (const file of files) {
    const isLarge = file.bytes > targetBytes / 2
    if (isLarge || bytes + file.bytes > targetBytes) {
      bins.push([])
      bytes = 0
    }
    if (isLarge) continue
    bins.at(-1)?.push(file)
    bytes += file.bytes
  }
  return bins.filter((bin) => bin.length > 1)
}

function sizes(files: readonly { readonly bytes: number }[]): Optimized['before'] {
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) }
}

async function joinFiles(
  { engine, signal }: OptimizeRequest,
  writer: DataWriter,
  snapshot: Snapshot,
  files: readonly DataFile[],
): Promise<WrittenFile> {
  const written = await writer.write(engine, tableRelation(snapshot, files), signal)
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  if (written.rows === rows) return written
  throw new FtiError(storeErrors.FTI_TABLE_CORRUPT, {
    message: `${files.length} data files of snapshot ${snapshot.version} have ${written.rows} rows; the log says ${rows}`,
    place: snapshot.table,
    remedy: 'see which one: fti store verify',
  })
}

/** Commits behind others that only appended; where one has taken away what was joined, the whole attempt begins again. */
async function land({ engine, signal }: OptimizeRequest, read: Snapshot, change: TableChange): Promise<number> {
  let snapshot = read
  for (;;) {
    throwIfCancelled(signal)
    await checkpointWhenDue(engine, snapshot)
    try {
      return await commitTable(snapshot, change)
    } catch (error) {
      if (!(error instanceof FtiError) || error.code !== 'FTI_STORE_CONFLICT') throw error
      const newest = await readSnapshot(snapshot.table)
      const paths = new Set(newest?.files.map(({ path }) => path))
      const isThere = change.remove?.every(({ path }) => paths.has(path)) ?? true
      const sameSchema = newest?.metadata.schemaString === read.metadata.schemaString
      if (newest === undefined || !isThere || !sameSchema) throw error
      snapshot = newest
    }
  }
}
