import { digestOf, FtiError, isSafeName } from '../../base/index.ts'
import { registryErrors } from '../errors.ts'

const entryKinds = ['registration', 'promotion', 'rollback', 'refusal'] as const
export type EntryKind = (typeof entryKinds)[number]

/**
 * One line of a model's history. The file that holds it is the one deciding write: a version exists and a tag
 * moves when, and only when, its entry does. It carries the state after it, so the newest entry says everything.
 */
export interface JournalEntry {
  readonly format: 1
  /** 1, 2, 3 … without a gap; also the file's name. */
  readonly entry: number
  /** SHA-256 of the bytes of the entry before; null for the first. */
  readonly previousDigest: string | null
  readonly kind: EntryKind
  readonly model: string
  readonly version: number
  /** SHA-256 of the version's manifest.json, which has the digests of all its files. */
  readonly manifestDigest: string
  /** The tag that moved, or was refused to; null for a registration. */
  readonly tag: string | null
  /** The version that the tag named before; null when it named none. */
  readonly from: number | null
  /** ISO 8601 UTC. Order comes from `entry`, never from this clock. */
  readonly at: string
  readonly by: string
  readonly why: string | null
  /** What the gates said, as plain JSON. */
  readonly gates: unknown
  /** What a listing shows of a registered version, as plain JSON: metrics, rows, network. */
  readonly summary: unknown
  /** Names this attempt, so that a writer recognises its own entry after a replayed request. */
  readonly commitId: string
  /** Every tag after this entry. */
  readonly tags: Readonly<Record<string, number>>
  /** The highest registered version after this entry. */
  readonly newest: number
}

/** The text of an entry's file, closed by a checksum: the newest entry has no successor yet that vouches for it. */
export function encodeEntry(entry: JournalEntry): string {
  return `${JSON.stringify({ ...entry, checksum: digestOf(entry) }, null, 2)}\n`
}

/** An entry from a file's text. Throws an Error that names the first thing wrong, FTI_REGISTRY_FORMAT for a newer one. */
export function decodeEntry(text: string, expected: { readonly model: string; readonly entry: number }): JournalEntry {
  const raw: unknown = JSON.parse(text)
  if (!isRecord(raw)) throw new Error('is not an object')
  if (typeof raw['format'] === 'number' && raw['format'] > 1) throw newerFormat(raw['format'], expected)
  const wrong = firstWrong(raw)
  if (wrong !== undefined) throw new Error(`has no valid '${wrong}'`)
  const { checksum: _, ...body } = raw
  const entry = body as unknown as JournalEntry
  if (entry.entry !== expected.entry) throw new Error(`says that it is entry ${entry.entry}`)
  if (entry.model !== expected.model) throw new Error(`belongs to model ${entry.model}`)
  if (encodeEntry(entry) !== text) throw new Error('was changed after it was written')
  return entry
}

function firstWrong(raw: Record<string, unknown>): string | undefined {
  const checks: Record<string, (value: unknown) => boolean> = {
    format: (value) => value === 1,
    entry: isCount,
    previousDigest: (value) => value === null || isDigest(value),
    kind: (value) => (entryKinds as readonly unknown[]).includes(value),
    model: (value) => typeof value === 'string' && isSafeName(value),
    version: isCount,
    manifestDigest: isDigest,
    tag: (value) => value === null || (typeof value === 'string' && isSafeName(value)),
    from: (value) => value === null || isCount(value),
    at: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
    by: (value) => typeof value === 'string',
    why: (value) => value === null || typeof value === 'string',
    commitId: (value) => typeof value === 'string',
    tags: (value) => isRecord(value) && Object.entries(value).every(([tag, to]) => isSafeName(tag) && isCount(to)),
    newest: isCount,
  }
  return Object.keys(checks).find((key) => !checks[key]?.(raw[key]))
}

function newerFormat(format: number, at: { readonly model: string; readonly entry: number }): FtiError {
  return new FtiError(registryErrors.FTI_REGISTRY_FORMAT, {
    message: `journal entry ${at.entry} of ${at.model} has format ${format}; this fti reads format 1`,
    remedy: 'install the fti that wrote it: npm install fti@latest',
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1
}

function isDigest(value: unknown): boolean {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
}
