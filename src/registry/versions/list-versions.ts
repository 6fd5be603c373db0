import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { FtiError } from '../../base/index.ts'
import { registryErrors } from '../errors.ts'
import { type JournalRecord, listJournal } from '../journal/journal.ts'
import type { JournalEntry } from '../journal/journal-entry.ts'
import { type ModelPaths, modelPaths } from '../layout.ts'
import { openVersion } from './version.ts'

/** A registered version as a listing shows it. */
export interface VersionEntry {
  readonly version: number
  readonly state: 'ok' | 'corrupt'
  /** What is wrong with a corrupt one. */
  readonly problem: string | null
  /** Tags that name it now, `candidate` not among them. */
  readonly tags: readonly string[]
  readonly registeredAt: string | null
  readonly by: string | null
  readonly why: string | null
  readonly summary: unknown
  /** Size of all its files; null when its manifest cannot be read. */
  readonly bytes: number | null
  readonly digest: string
}

/**
 * Every registered version, newest number first; a damaged one is shown as corrupt and breaks nothing. Checks the
 * manifest, names and sizes; contents are hashed by `readVersion` and `verifyRegistry`.
 */
export async function listVersions(root: string, model: string): Promise<VersionEntry[]> {
  const paths = modelPaths(root, model)
  const journal = await listJournal(root, model)
  const tags = journal.findLast((record) => record.entry !== null)?.entry?.tags ?? {}
  const versions = [...entriesByVersion(journal)].sort(([a], [b]) => b - a)
  return Promise.all(
    versions.map(async ([version, { registration, manifestDigest }]) => {
      const checked = await checkFiles(paths, version, manifestDigest)
      return {
        version,
        ...checked,
        tags: Object.keys(tags).filter((tag) => tags[tag] === version),
        registeredAt: registration?.at ?? null,
        by: registration?.by ?? null,
        why: registration?.why ?? null,
        summary: registration?.summary ?? null,
        digest: manifestDigest,
      }
    }),
  )
}

interface Named {
  readonly manifestDigest: string
  /** Undefined when the entry that registered the version is damaged and only later ones name it. */
  readonly registration: JournalEntry | undefined
}

function entriesByVersion(journal: readonly JournalRecord[]): Map<number, Named> {
  const versions = new Map<number, Named>()
  for (const { entry } of journal) {
    if (!entry || versions.has(entry.version)) continue
    const registration = entry.kind === 'registration' ? entry : undefined
    versions.set(entry.version, { manifestDigest: entry.manifestDigest, registration })
  }
  return versions
}

async function checkFiles(
  paths: ModelPaths,
  version: number,
  digest: string,
): Promise<Pick<VersionEntry, 'state' | 'problem' | 'bytes'>> {
  try {
    const { manifest, path } = await openVersion(paths, version, digest)
    const wrong = await wrongSize(path, manifest.files)
    const bytes = Object.values(manifest.files).reduce((sum, file) => sum + file.bytes, 0)
    return { state: wrong === undefined ? 'ok' : 'corrupt', problem: wrong ?? null, bytes }
  } catch (error) {
    if (!(error instanceof FtiError) || error.code !== registryErrors.FTI_VERSION_CORRUPT.code) throw error
    return { state: 'corrupt', problem: error.message, bytes: null }
  }
}

async function wrongSize(
  path: string,
  files: Readonly<Record<string, { readonly bytes: number }>>,
): Promise<string | undefined> {
  for (const [name, { bytes }] of Object.entries(files)) {
    const found = await lstat(join(path, name)).catch(() => undefined)
    if (!found?.isFile()) return `${name} is missing or not a plain file`
    if (found.size !== bytes) return `${name} has ${found.size} bytes instead of ${bytes}`
  }
  return undefined
}
