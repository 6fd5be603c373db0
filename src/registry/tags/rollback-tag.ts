import { FtiError } from '../../base/index.ts'
import { registryErrors } from '../errors.ts'
import { appendEntry, type Decision } from '../journal/append-entry.ts'
import { type JournalHead, readJournal, readRecord, strict } from '../journal/journal.ts'
import type { JournalEntry } from '../journal/journal-entry.ts'
import { type ModelPaths, modelPaths } from '../layout.ts'
import { unknownModel, unknownTag } from '../unknown.ts'
import { requireRegistry } from '../unreachable.ts'
import { readVersion } from '../versions/version.ts'
import { conflict } from './move-tag.ts'
import { refreshTagsIfPossible } from './tag-cache.ts'
import { movableTag } from './tag-name.ts'

export interface Rollback {
  readonly tag: string
  /** The version that the tag must name now; absent: the one it names when the command begins. */
  readonly expect?: number | undefined
  readonly by: string
  readonly why?: string | undefined
  readonly now: Date
  readonly signal?: AbortSignal | undefined
  /** Throws where the version that the tag would name must not have it. */
  readonly check?: ((version: number) => Promise<void>) | undefined
}

/**
 * Moves a tag to what it named before, one step further back each time: it never toggles between two versions.
 * Two people who roll back at the same moment go back one step, not two: the later one gets FTI_REGISTRY_CONFLICT.
 * Errors: FTI_NOTHING_TO_ROLL_BACK, FTI_TAG_UNKNOWN, FTI_VERSION_CORRUPT, FTI_JOURNAL_CORRUPT.
 */
export async function rollbackTag(root: string, model: string, rollback: Rollback): Promise<JournalEntry> {
  const paths = modelPaths(root, model)
  const tag = movableTag(rollback.tag)
  await requireRegistry(root)
  const missing = await unknownModel(paths)
  if (missing) throw missing
  const journal = await readJournal(root, model)
  const [current, previous] = tagHistory(journal, tag)
  if (current === undefined) throw unknownTag(paths, tag, Object.keys(journal.at(-1)?.tags ?? {}))
  if (rollback.expect !== undefined && rollback.expect !== current) throw conflict(paths, tag, rollback.expect, current)
  if (previous === undefined) throw nothingBefore(model, tag, current)
  await rollback.check?.(previous)
  const { digest } = await readVersion(root, model, previous)
  const decide = async (head: JournalHead): Promise<Decision> => {
    await refuseIfMoved(paths, tag, current, { after: journal.length, upTo: head.entry })
    return {
      kind: 'rollback',
      version: previous,
      manifestDigest: digest,
      tag,
      at: rollback.now.toISOString(),
      by: rollback.by,
      why: rollback.why ?? null,
      gates: null,
      summary: null,
    }
  }
  const entry = await appendEntry(paths, decide, rollback.signal)
  await refreshTagsIfPossible(root, model)
  return entry
}

/** Whoever was first may have moved the same tag; then this step back is no longer the one that was asked for. */
async function refuseIfMoved(
  paths: ModelPaths,
  tag: string,
  current: number,
  entries: { readonly after: number; readonly upTo: number },
): Promise<void> {
  for (let number = entries.after + 1; number <= entries.upTo; number++) {
    const { entry } = strict(paths, await readRecord(paths, number))
    if (entry.tag === tag && entry.kind !== 'refusal') throw conflict(paths, tag, current, entry.version)
  }
}

/** The versions that rolling back would pass, the present one first: promotions push, rollbacks pop. */
export function tagHistory(journal: readonly JournalEntry[], tag: string): number[] {
  const stack: number[] = []
  for (const entry of journal) {
    if (entry.tag !== tag) continue
    if (entry.kind === 'promotion') stack.push(entry.version)
    if (entry.kind === 'rollback') stack.pop()
  }
  return stack.reverse()
}

function nothingBefore(model: string, tag: string, current: number): FtiError {
  return new FtiError(registryErrors.FTI_NOTHING_TO_ROLL_BACK, {
    message: `${model}@${tag} named no other version before ${current}`,
    remedy: `promote another version: \`fti registry list ${model}\` shows what there is`,
  })
}
