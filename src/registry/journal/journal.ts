import { FtiError, isSystemError, sha256 } from '../../base/index.ts'
import { readBounded } from '../bounded-file.ts'
import { registryErrors } from '../errors.ts'
import { entryPath, type ModelPaths, modelPaths, numberIn } from '../layout.ts'
import { namesIn, readingError } from '../unreachable.ts'
import { decodeEntry, type JournalEntry } from './journal-entry.ts'

const maxEntryBytes = 8 * 1024 * 1024

/** The state of a model's tags now. */
export interface JournalHead {
  /** Number of the newest entry; 0 when nothing was ever registered. */
  readonly entry: number
  /** SHA-256 of the newest entry's bytes; null when there is none. */
  readonly digest: string | null
  readonly tags: Readonly<Record<string, number>>
  /** Highest registered version; null when there is none. */
  readonly newest: number | null
  readonly at: string | null
}

/** An entry as a listing shows it. */
export interface JournalRecord {
  readonly number: number
  /** Null when it cannot be read. One that breaks the chain is readable and still has a problem. */
  readonly entry: JournalEntry | null
  /** SHA-256 of its bytes; null when there are none. */
  readonly digest: string | null
  readonly problem: string | null
}

/**
 * The newest entry's state: one directory listing and one file, however long the history.
 * A model without a journal has entry 0 and no tags. Errors: FTI_JOURNAL_CORRUPT, FTI_REGISTRY_UNREACHABLE.
 */
export async function journalHead(root: string, model: string): Promise<JournalHead> {
  const paths = modelPaths(root, model)
  const newest = (await entryNumbers(paths)).at(-1)
  if (newest === undefined) return { entry: 0, digest: null, tags: {}, newest: null, at: null }
  const { entry, digest } = strict(paths, await readRecord(paths, newest))
  return { entry: entry.entry, digest, tags: entry.tags, newest: entry.newest, at: entry.at }
}

/** The whole history, oldest first. Errors: FTI_JOURNAL_CORRUPT at the first entry that is damaged or breaks the chain. */
export async function readJournal(root: string, model: string): Promise<JournalEntry[]> {
  const paths = modelPaths(root, model)
  return (await listJournal(root, model)).map((record) => strict(paths, record).entry)
}

/** The whole history, oldest first; damaged, missing and unchained entries are shown as such. Never fails for one entry. */
export async function listJournal(root: string, model: string): Promise<JournalRecord[]> {
  const paths = modelPaths(root, model)
  const newest = (await entryNumbers(paths)).at(-1) ?? 0
  const records: JournalRecord[] = []
  for (let number = 1; number <= newest; number++) {
    records.push(chained(await readRecord(paths, number), records.at(-1)))
  }
  return records
}

/** Entries from the newest to the oldest, read only as far as the caller goes; damaged ones as such, chain unchecked. */
export async function* walkBack(paths: ModelPaths): AsyncGenerator<JournalRecord> {
  for (let number = (await entryNumbers(paths)).at(-1) ?? 0; number > 0; number--) yield readRecord(paths, number)
}

/** One entry, or what is wrong with it. */
export async function readRecord(paths: ModelPaths, number: number): Promise<JournalRecord> {
  let bytes: Buffer
  try {
    bytes = await readBounded(entryPath(paths, number), maxEntryBytes)
  } catch (error) {
    const known = readingError(paths.root, error)
    if (known instanceof FtiError) throw known
    if (isSystemError(error, 'ENOENT')) return { number, entry: null, digest: null, problem: 'is missing' }
    return { number, entry: null, digest: null, problem: `cannot be read: ${(error as Error).message}` }
  }
  const digest = sha256(bytes)
  try {
    const entry = decodeEntry(bytes.toString('utf8'), { model: paths.model, entry: number })
    return { number, entry, digest, problem: null }
  } catch (error) {
    if (error instanceof FtiError) throw error
    return { number, entry: null, digest, problem: (error as Error).message }
  }
}

export async function entryNumbers(paths: ModelPaths): Promise<number[]> {
  const names = await namesIn(paths.root, paths.journal)
  return names
    .map((name) => numberIn(name, '.json'))
    .filter((number) => number !== undefined)
    .sort((a, b) => a - b)
}

/** The record itself, or FTI_JOURNAL_CORRUPT. */
export function strict(paths: ModelPaths, record: JournalRecord): { entry: JournalEntry; digest: string } {
  if (record.entry && record.digest !== null && record.problem === null)
    return { entry: record.entry, digest: record.digest }
  throw new FtiError(registryErrors.FTI_JOURNAL_CORRUPT, {
    message: `journal entry ${record.number} of ${paths.model} ${record.problem}`,
    place: entryPath(paths, record.number),
    remedy: `run \`fti registry verify ${paths.model}\`, then restore the file from a copy of the registry`,
  })
}

function chained(record: JournalRecord, before: JournalRecord | undefined): JournalRecord {
  // After an entry that cannot be read there is nothing to compare with; the loss is shown one line above.
  if (!record.entry || (before && !before.entry)) return record
  if (record.entry.previousDigest === (before?.digest ?? null)) return record
  return { ...record, problem: 'does not follow the entry before it: one of the two was changed after it was written' }
}
