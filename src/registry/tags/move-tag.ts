import { FtiError } from '../../base/index.ts'
import { registryErrors } from '../errors.ts'
import { appendEntry } from '../journal/append-entry.ts'
import { strict, walkBack } from '../journal/journal.ts'
import type { JournalEntry } from '../journal/journal-entry.ts'
import { type ModelPaths, modelPaths } from '../layout.ts'
import { unknownTag } from '../unknown.ts'
import { readVersion } from '../versions/version.ts'
import { refreshTagsIfPossible } from './tag-cache.ts'
import { movableTag } from './tag-name.ts'

export interface TagMove {
  readonly tag: string
  readonly to: number
  /** The version that the tag must name at the moment of the move; null: it must name none. Absent: whatever it names. */
  readonly expect?: number | null | undefined
  readonly by: string
  readonly why?: string | undefined
  /** What the gates said, as plain JSON; kept in the journal. */
  readonly gates?: unknown
  readonly now: Date
  readonly signal?: AbortSignal | undefined
}

/**
 * Points a tag at a version, after checking every byte of it. Asks no gates: that is the caller's part.
 * A tag that names the version already stays; then the entry that put it there is returned.
 * Errors: FTI_REGISTRY_CONFLICT, FTI_TAG_FIXED, FTI_VERSION_UNKNOWN, FTI_VERSION_CORRUPT, FTI_JOURNAL_CORRUPT.
 */
export async function moveTag(root: string, model: string, move: TagMove): Promise<JournalEntry> {
  const paths = modelPaths(root, model)
  const tag = movableTag(move.tag)
  const { digest } = await readVersion(root, model, move.to)
  const entry = await appendEntry(
    paths,
    ({ tags }) => {
      const current = tags[tag] ?? null
      if (move.expect !== undefined && move.expect !== current) throw conflict(paths, tag, move.expect, current)
      if (current === move.to) return undefined
      return {
        kind: 'promotion',
        version: move.to,
        manifestDigest: digest,
        tag,
        at: move.now.toISOString(),
        by: move.by,
        why: move.why ?? null,
        gates: move.gates,
        summary: null,
      }
    },
    move.signal,
  )
  await refreshTagsIfPossible(root, model)
  return entry ?? (await lastMove(paths, tag, move.to))
}

/** The newest entry that moved a tag to a version; by now another may have moved it on. */
async function lastMove(paths: ModelPaths, tag: string, to: number): Promise<JournalEntry> {
  for await (const record of walkBack(paths)) {
    const { entry } = strict(paths, record)
    if (entry.tag === tag && entry.version === to && entry.kind !== 'refusal') return entry
  }
  throw unknownTag(paths, tag, [])
}

export function conflict(paths: ModelPaths, tag: string, expected: number | null, found: number | null): FtiError {
  const name = (version: number | null) => (version === null ? 'no version' : `version ${version}`)
  return new FtiError(registryErrors.FTI_REGISTRY_CONFLICT, {
    message: `${paths.model}@${tag} names ${name(found)}, not ${name(expected)}: somebody moved it`,
    place: paths.journal,
    remedy: `look at \`fti registry log ${paths.model}\`, then decide again`,
    data: { tag, expected, found },
  })
}
