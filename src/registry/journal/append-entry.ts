import {
  createFile,
  FtiError,
  isSystemError,
  makeDirectory,
  newId,
  removeDeadStaging,
  syncDirectory,
  throwIfCancelled,
} from '../../base/index.ts'
import { registryErrors } from '../errors.ts'
import { entryPath, type ModelPaths } from '../layout.ts'
import { requireRegistry } from '../unreachable.ts'
import { type JournalHead, journalHead, readRecord, strict } from './journal.ts'
import { encodeEntry, type JournalEntry } from './journal-entry.ts'

/** What a writer decides; number, chain and state follow from the head that it was decided against. */
export type Decision = Pick<
  JournalEntry,
  'kind' | 'version' | 'manifestDigest' | 'tag' | 'at' | 'by' | 'why' | 'gates' | 'summary'
>

/**
 * Claims the next entry, and removes what dead writers left in the journal. `decide` sees the head that the entry would
 * follow, and is asked again whenever another writer was first, so what it compares and what it writes belong together.
 * Undefined from it: nothing to write.
 */
export async function appendEntry<D extends Decision | undefined>(
  paths: ModelPaths,
  decide: (head: JournalHead) => Promise<D> | D,
  signal?: AbortSignal,
): Promise<JournalEntry | Extract<D, undefined>> {
  await makeDirectory(paths.journal)
  await removeDeadStaging(paths.journal)
  const commitId = newId()
  for (;;) {
    throwIfCancelled(signal)
    const head = await journalHead(paths.root, paths.model)
    const decision = await decide(head)
    if (decision === undefined) return decision as Extract<D, undefined>
    const entry = entryAfter(head, paths.model, decision, commitId)
    if (await claim(paths, entry)) return entry
  }
}

function entryAfter(head: JournalHead, model: string, decision: Decision, commitId: string): JournalEntry {
  const { kind, version, tag } = decision
  const moves = tag !== null && (kind === 'promotion' || kind === 'rollback')
  return {
    format: 1,
    entry: head.entry + 1,
    previousDigest: head.digest,
    kind,
    model,
    version,
    manifestDigest: decision.manifestDigest,
    tag,
    from: tag === null ? null : (head.tags[tag] ?? null),
    at: decision.at,
    by: decision.by,
    why: decision.why,
    gates: decision.gates ?? null,
    summary: decision.summary ?? null,
    commitId,
    tags: moves ? { ...head.tags, [tag]: version } : head.tags,
    newest: kind === 'registration' ? Math.max(head.newest ?? 0, version) : (head.newest ?? version),
  }
}

async function claim(paths: ModelPaths, entry: JournalEntry): Promise<boolean> {
  try {
    if (await createFile(entryPath(paths, entry.entry), encodeEntry(entry))) return true
  } catch (error) {
    if (await isOurs(paths, entry)) throw unconfirmed(paths, entry, error)
    if (!(await wasFrozen(paths, error))) throw error
    return false
  }
  // A network file system may replay a link that had succeeded and then answer EEXIST.
  const winner = strict(paths, await readRecord(paths, entry.entry)).entry
  if (winner.commitId !== entry.commitId) return false
  await syncDirectory(paths.journal)
  return true
}

/** A writer that stood still for a minute may find its staged file cleaned away as a dead one's; it decides anew. */
async function wasFrozen(paths: ModelPaths, error: unknown): Promise<boolean> {
  if (!isSystemError(error, 'ENOENT')) return false
  await requireRegistry(paths.journal)
  return true
}

async function isOurs(paths: ModelPaths, entry: JournalEntry): Promise<boolean> {
  return (await readRecord(paths, entry.entry)).entry?.commitId === entry.commitId
}

function unconfirmed(paths: ModelPaths, entry: JournalEntry, cause: unknown): FtiError {
  return new FtiError(registryErrors.FTI_REGISTRY_UNCONFIRMED, {
    message: `the ${entry.kind} of ${paths.model}@${entry.version} is written, but the disk did not confirm it`,
    place: entryPath(paths, entry.entry),
    remedy: `check the disk (dmesg), then run \`fti registry log ${paths.model}\` to see whether the entry is still there`,
    cause,
  })
}
