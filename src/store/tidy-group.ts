import { dirname } from 'node:path'
import { removeDeadStaging } from '../base/index.ts'
import type { SnapshotReference } from '../contract/index.ts'
import { contractFolder } from './contracts.ts'
import { removeLeftovers } from './delta/data-writer.ts'
import { profilePath } from './profile.ts'
import { quarantinePath } from './quarantine.ts'
import { tablePath } from './table-path.ts'

/**
 * Removes what runs of a group that died have left: staged files, and rows that no commit names. For every run to call,
 * since one that finds nothing to do writes nothing, and so would never meet what it should clean.
 */
export async function tidyGroup(
  root: string,
  { group, contractVersion }: Omit<SnapshotReference, 'snapshot'>,
): Promise<void> {
  for (const table of [tablePath(root, group, contractVersion), quarantinePath(root, group)])
    await removeLeftovers(table)
  await removeDeadStaging(contractFolder(root, group))
  await removeDeadStaging(dirname(profilePath(root, { group, contractVersion, snapshot: 0 })))
}
