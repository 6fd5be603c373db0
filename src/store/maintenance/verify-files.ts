import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError, sha256File, throwIfCancelled } from '../../base/index.ts'
import type { Engine } from '../../engine/index.ts'
import { digestTag } from '../delta/commit.ts'
import { whatIsWrong } from '../delta/damaged-file.ts'
import type { DataFile, Snapshot } from '../delta/snapshot.ts'
import { corruptFinding, type StoreFinding } from './store-finding.ts'

/** Reads every page of every data file of a snapshot, and compares size, digest and rows with what the log says. */
export async function verifyFiles(engine: Engine, snapshot: Snapshot, signal?: AbortSignal): Promise<StoreFinding[]> {
  const findings: StoreFinding[] = []
  for (const file of snapshot.files) {
    throwIfCancelled(signal)
    const place = join(snapshot.table, file.path)
    const problem = (await problemOnDisk(place, file)) ?? (await whatIsWrong(engine, snapshot, file, signal))
    if (problem !== undefined)
      findings.push(
        corruptFinding(
          place,
          `a data file is damaged: ${problem}`,
          'restore that file from a backup; nothing can stand in for it',
        ),
      )
  }
  return findings
}

async function problemOnDisk(place: string, { bytes, add }: DataFile): Promise<string | undefined> {
  const found = await stat(place).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  })
  if (found === undefined) return 'it is missing'
  if (found.size !== bytes) return `it has ${found.size} bytes instead of ${bytes}`
  const digest = add.tags?.[digestTag]
  // Other writers leave no digest in the log.
  if (digest === undefined || (await sha256File(place)) === digest) return undefined
  return 'it has other bytes than were written'
}
