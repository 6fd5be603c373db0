import { readdir, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import {
  currentProcess,
  FtiError,
  makeDirectory,
  openStaging,
  removeDeadStaging,
  type Staging,
  sha256,
  sha256File,
  storageError,
  throwIfCancelled,
} from '../../base/index.ts'
import { registryErrors } from '../errors.ts'
import { appendEntry } from '../journal/append-entry.ts'
import { journalHead } from '../journal/journal.ts'
import type { JournalEntry } from '../journal/journal-entry.ts'
import { type ModelPaths, modelPaths, numberIn, versionPath } from '../layout.ts'
import { refreshTagsIfPossible } from '../tags/tag-cache.ts'
import { namesIn } from '../unreachable.ts'
import { isFileName, type Manifest, type ManifestFile, manifestName, maxFileBytes, maxFiles } from './manifest.ts'
import { removeOrphansIfPossible } from './orphan.ts'

export interface Registration {
  readonly by: string
  readonly why?: string | undefined
  /** What a listing shows of the version, as plain JSON. */
  readonly summary: unknown
  readonly now: Date
  readonly signal?: AbortSignal | undefined
}

/** A version in the making: a folder out of sight, to be filled with plain files. */
export interface Draft {
  readonly path: string
  /** Writes the manifest, claims the next number and enters it in the journal. After it returns the version is durable. */
  register(registration: Registration): Promise<{ version: number; entry: JournalEntry }>
  discard(): Promise<void>
}

/** Opens a draft, and removes what dead writers of the model left behind. */
export async function openDraft(root: string, model: string): Promise<Draft> {
  const paths = modelPaths(root, model)
  await makeDirectory(paths.versions)
  await removeDeadStaging(paths.versions)
  const staging = await openStaging(paths.versions)
  return {
    path: staging.path,
    register: (registration) => register(paths, staging, registration),
    discard: () => staging.discard(),
  }
}

/**
 * Two writes. The folder's name claims a number, the journal entry decides; a writer that dies between the two
 * leaves an orphan that nobody reads, which a later registration removes once it has claimed a higher number.
 */
async function register(
  paths: ModelPaths,
  staging: Staging,
  registration: Registration,
): Promise<{ version: number; entry: JournalEntry }> {
  const manifest = await manifestOf(paths, staging.path, registration)
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  throwIfCancelled(registration.signal)
  await writeFile(join(staging.path, manifestName), text).catch((error: unknown) => {
    throw storageError(error, staging.path)
  })
  const version = await claimNumber(paths, staging)
  const entry = await appendEntry(paths, () => ({
    kind: 'registration',
    version,
    manifestDigest: sha256(text),
    tag: null,
    at: registration.now.toISOString(),
    by: registration.by,
    why: registration.why ?? null,
    gates: null,
    summary: registration.summary,
  }))
  await removeOrphansIfPossible(paths, version)
  await refreshTagsIfPossible(paths.root, paths.model)
  return { version, entry }
}

async function manifestOf(paths: ModelPaths, path: string, registration: Registration): Promise<Manifest> {
  const files: Record<string, ManifestFile> = {}
  const entries = await readdir(path, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === '.owner') continue
    const file = join(path, entry.name)
    if (!entry.isFile() || !isFileName(entry.name)) throw invalid(file, 'is not a plain file with a plain name')
    const { size } = await stat(file)
    if (size > maxFileBytes) throw invalid(file, `has ${size} bytes, more than the ${maxFileBytes} that are read back`)
    files[entry.name] = { sha256: await sha256File(file), bytes: size }
  }
  const count = Object.keys(files).length
  if (count === 0 || count > maxFiles) throw invalid(path, `holds ${count} files, not 1 to ${maxFiles}`)
  return {
    format: 1,
    model: paths.model,
    draft: basename(path),
    createdAt: registration.now.toISOString(),
    by: registration.by,
    writer: currentProcess(),
    files,
  }
}

/** The folder takes the first number above every number ever claimed: folders that exist, and versions registered. */
async function claimNumber(paths: ModelPaths, staging: Staging): Promise<number> {
  for (;;) {
    const { newest } = await journalHead(paths.root, paths.model)
    const claimed = (await namesIn(paths.root, paths.versions)).map((name) => numberIn(name, '') ?? 0)
    const version = Math.max(newest ?? 0, ...claimed) + 1
    if (await staging.publish(versionPath(paths, version))) return version
  }
}

function invalid(place: string, what: string): FtiError {
  return new FtiError(registryErrors.FTI_DRAFT_INVALID, {
    message: `${basename(place)} ${what}`,
    place,
    remedy: 'a version holds 1 to 64 plain files, named with letters, digits and . _ -, and no folders',
  })
}
