import { join } from 'node:path'
import { safeName } from '../base/index.ts'

/** Folder of a group's table: one per contract version, so that models pinned to an older one go on reading it. */
export function tablePath(root: string, group: string, contractVersion: number): string {
  return join(root, safeName(group, 'feature group'), `v${contractVersion}`)
}
