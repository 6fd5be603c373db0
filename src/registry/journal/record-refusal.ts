import { modelPaths } from '../layout.ts'
import { movableTag } from '../tags/tag-name.ts'
import { requireRegistry } from '../unreachable.ts'
import { registeredDigest } from '../versions/version.ts'
import { appendEntry } from './append-entry.ts'
import type { JournalEntry } from './journal-entry.ts'

export interface Refusal {
  readonly version: number
  /** The tag that the version was to get. */
  readonly tag: string
  readonly by: string
  readonly why: string
  readonly gates?: unknown
  readonly now: Date
}

/** Writes down that a version was refused a tag, and why; no tag moves. */
export async function recordRefusal(root: string, model: string, refusal: Refusal): Promise<JournalEntry> {
  const paths = modelPaths(root, model)
  await requireRegistry(root)
  const manifestDigest = await registeredDigest(paths, refusal.version)
  const tag = movableTag(refusal.tag)
  return appendEntry(paths, () => ({
    kind: 'refusal',
    version: refusal.version,
    manifestDigest,
    tag,
    at: refusal.now.toISOString(),
    by: refusal.by,
    why: refusal.why,
    gates: refusal.gates,
    summary: null,
  }))
}
