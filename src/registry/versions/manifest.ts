import { FtiError, type ProcessIdentity } from '../../base/index.ts'
import { registryErrors } from '../errors.ts'

export const manifestName = 'manifest.json'
export const maxManifestBytes = 1024 * 1024
export const maxFiles = 64
/** Larger weights belong to an engine of their own; a reader never allocates more than this for one file. */
export const maxFileBytes = 1024 * 1024 * 1024

export interface ManifestFile {
  readonly sha256: string
  readonly bytes: number
}

/** What a version consists of. Written last; its own digest is in the journal entry that registers the version. */
export interface Manifest {
  readonly format: 1
  readonly model: string
  /** Id of the draft that became this version. */
  readonly draft: string
  readonly createdAt: string
  readonly by: string
  /** The process that wrote it: tells a dead writer's orphan from a live one's work. */
  readonly writer: ProcessIdentity
  readonly files: Readonly<Record<string, ManifestFile>>
}

/** Plain names only: no separator of any system, no leading dot, no percent sign for somebody to decode. */
export function isFileName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name) && !name.includes('..') && name !== manifestName
}

/** A manifest from its text. Throws an Error that names the first thing wrong. */
export function decodeManifest(text: string, model: string): Manifest {
  const raw: unknown = JSON.parse(text)
  if (!isRecord(raw)) throw new Error('is not an object')
  if (raw['format'] !== 1) throw formatError(raw['format'])
  if (raw['model'] !== model) throw new Error(`belongs to model ${JSON.stringify(raw['model'])}`)
  const files = raw['files']
  if (!isRecord(files)) throw new Error("has no 'files'")
  const names = Object.keys(files)
  if (names.length > maxFiles) throw new Error(`lists ${names.length} files, at most ${maxFiles} are read`)
  for (const name of names) checkFile(name, files[name])
  if (typeof raw['draft'] !== 'string' || typeof raw['createdAt'] !== 'string' || typeof raw['by'] !== 'string') {
    throw new Error("lacks 'draft', 'createdAt' or 'by'")
  }
  if (!isIdentity(raw['writer'])) throw new Error("has no valid 'writer'")
  return raw as unknown as Manifest
}

function checkFile(name: string, file: unknown): void {
  if (!isFileName(name)) throw new Error(`lists ${JSON.stringify(name)}, which is not a plain file name`)
  if (!isRecord(file) || typeof file['sha256'] !== 'string' || !/^[0-9a-f]{64}$/.test(file['sha256'])) {
    throw new Error(`has no digest of ${name}`)
  }
  const bytes = file['bytes']
  if (!Number.isSafeInteger(bytes) || (bytes as number) < 0 || (bytes as number) > maxFileBytes) {
    throw new Error(`has no valid size of ${name}`)
  }
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return (
    isRecord(value) &&
    Number.isSafeInteger(value['pid']) &&
    typeof value['host'] === 'string' &&
    typeof value['startedAt'] === 'string' &&
    typeof value['boot'] === 'string'
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function formatError(format: unknown): Error {
  if (typeof format !== 'number' || format <= 1) return new Error("has no valid 'format'")
  return new FtiError(registryErrors.FTI_REGISTRY_FORMAT, {
    message: `a version's manifest has format ${format}; this fti reads format 1`,
    remedy: 'install the fti that wrote it: npm install fti@latest',
  })
}
