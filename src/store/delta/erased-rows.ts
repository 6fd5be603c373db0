import { basename, dirname } from 'node:path'
import { FtiError } from '../../base/index.ts'
import { storeErrors } from '../errors.ts'
import { readLog } from './log.ts'
import type { DataFile, Snapshot } from './snapshot.ts'
import { decodedPath, infoOf, isErasure } from './table-state.ts'

/** An error for a file of a snapshot that went with an erasure after it; undefined when none is in the log. */
export async function erasedRows(
  { table, metadata, version }: Snapshot,
  { path }: DataFile,
): Promise<FtiError | undefined> {
  const log = await readLog(table).catch(() => [])
  const erasures = log.filter(({ version: later, actions }) => later > version && isErasure(infoOf(actions)))
  const last = erasures.at(-1)
  if (last === undefined) return undefined
  // A file that was compacted before goes without a word in the log; the first erasure after the snapshot took it.
  const entry = erasures.find(({ actions }) =>
    actions.some(({ remove }) => remove && decodedPath(remove.path) === path),
  )
  const at = new Date(infoOf((entry ?? erasures[0] ?? last).actions).timestamp).toISOString()
  const name = metadata.name ?? basename(dirname(table))
  return new FtiError(storeErrors.FTI_SNAPSHOT_ERASED, {
    message: `rows of ${name}@${version} were erased at ${at}, and the files that held them with it (fti feature forget)`,
    place: table,
    remedy: `read ${name}@${last.version} or a newer snapshot, which holds the rows that were left: fti feature history ${name}`,
    data: { table: name, snapshot: version, erasedAt: at, readableFrom: last.version, file: path },
  })
}
