import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { FtiError, isSystemError, sha256 } from '../../base/index.ts'
import { RefusedFile, readBounded } from '../bounded-file.ts'
import { registryErrors } from '../errors.ts'
import { walkBack } from '../journal/journal.ts'
import { type ModelPaths, modelPaths, versionPath } from '../layout.ts'
import { unknownVersion } from '../unknown.ts'
import { namesIn, readingError, requireRegistry } from '../unreachable.ts'
import { decodeManifest, type Manifest, manifestName, maxFileBytes, maxManifestBytes } from './manifest.ts'

/** A registered version whose every byte has been checked. */
export interface VersionFiles {
  readonly model: string
  readonly version: number
  readonly path: string
  readonly manifest: Manifest
  /** SHA-256 of manifest.json, as the journal has it: one name for the whole version. */
  readonly digest: string
  /** The bytes of manifest.json themselves, whose digest that is. */
  readonly manifestBytes: Uint8Array
  /** The bytes of a listed file, digest checked again on these very bytes. Errors: FTI_VERSION_CORRUPT. */
  read(name: string): Promise<Buffer>
}

/**
 * Opens a version and checks it whole: the manifest against the journal, every file against the manifest,
 * and that nothing else lies in the folder.
 * Errors: FTI_VERSION_UNKNOWN, FTI_VERSION_CORRUPT, FTI_JOURNAL_CORRUPT, FTI_REGISTRY_UNREACHABLE.
 */
export async function readVersion(root: string, model: string, version: number): Promise<VersionFiles> {
  const paths = modelPaths(root, model)
  await requireRegistry(root)
  const digest = await registeredDigest(paths, version)
  const opened = await openVersion(paths, version, digest)
  for (const name of Object.keys(opened.manifest.files)) await opened.read(name)
  return opened
}

/** The version with its manifest and list of names checked, file contents not yet. */
export async function openVersion(paths: ModelPaths, version: number, digest: string): Promise<VersionFiles> {
  const path = versionPath(paths, version)
  const corrupt = (what: string, cause?: unknown) => corruptVersion(paths, version, what, cause)
  await refuseLinkedFolder(paths, version, corrupt)
  return await openFolder({ root: paths.root, path, model: paths.model, version, digest, corrupt })
}

export interface VersionFolder {
  /** What cannot be read when the disk is away: the registry, or the place of a copy. */
  readonly root: string
  readonly path: string
  readonly model: string
  readonly version: number
  /** SHA-256 of its manifest.json, from somebody who is trusted more than the folder. */
  readonly digest: string
  readonly corrupt: (what: string, cause?: unknown) => FtiError
}

/** A folder with the files of a version: manifest and list of names checked, file contents not yet. */
export async function openFolder(folder: VersionFolder): Promise<VersionFiles> {
  const { root, path, model, version, digest, corrupt } = folder
  const bytes = await readOr(root, join(path, manifestName), maxManifestBytes, corrupt)
  if (sha256(bytes) !== digest) throw corrupt(`${manifestName} is not the one that was registered`)
  const manifest = manifestOf(bytes, model, corrupt)
  const unlisted = (await namesIn(root, path)).find(
    (name) => name !== manifestName && !Object.hasOwn(manifest.files, name),
  )
  if (unlisted !== undefined) throw corrupt(`${JSON.stringify(unlisted)} is not in its manifest`)
  const read = async (name: string) => {
    const file = Object.hasOwn(manifest.files, name) ? manifest.files[name] : undefined
    if (!file) throw corrupt(`its manifest lists no ${JSON.stringify(name)}`)
    const content = await readOr(root, join(path, name), Math.min(file.bytes, maxFileBytes), corrupt)
    if (content.length !== file.bytes) throw corrupt(`${name} has ${content.length} bytes instead of ${file.bytes}`)
    if (sha256(content) !== file.sha256) throw corrupt(`${name} was changed after it was registered`)
    return content
  }
  return { model, version, path, manifest, digest, read, manifestBytes: bytes }
}

/** The manifest digest that the journal has for a version. Every entry that names the version carries it. */
export async function registeredDigest(paths: ModelPaths, version: number): Promise<string> {
  let damaged: string | undefined
  for await (const { number, entry, problem } of walkBack(paths)) {
    if (entry?.version === version) return entry.manifestDigest
    if (problem !== null) damaged = `journal entry ${number} ${problem}`
  }
  if (damaged === undefined) throw await unknownVersion(paths, version)
  throw new FtiError(registryErrors.FTI_JOURNAL_CORRUPT, {
    message: `${paths.model}@${version} is not in the readable part of the journal; ${damaged}`,
    place: paths.journal,
    remedy: `run \`fti registry verify ${paths.model}\`, then restore the file from a copy of the registry`,
  })
}

type Corrupt = (what: string, cause?: unknown) => FtiError

/** Only the last part of a path is guarded by O_NOFOLLOW; the folders above it are compared with where they really are. */
async function refuseLinkedFolder(paths: ModelPaths, version: number, corrupt: Corrupt): Promise<void> {
  try {
    const expected = join(await realpath(paths.root), paths.model, 'versions', String(version))
    if ((await realpath(versionPath(paths, version))) !== expected) throw corrupt('its folder is a link')
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw corrupt('its folder is missing', error)
    throw readingError(paths.root, error)
  }
}

async function readOr(root: string, path: string, maxBytes: number, corrupt: Corrupt): Promise<Buffer> {
  try {
    return await readBounded(path, maxBytes)
  } catch (error) {
    if (error instanceof RefusedFile) throw corrupt(error.message, error)
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) throw corrupt(`${path} is missing`, error)
    if (isSystemError(error, 'ELOOP')) throw corrupt(`${path} is a link`, error)
    throw readingError(root, error)
  }
}

function manifestOf(bytes: Buffer, model: string, corrupt: Corrupt): Manifest {
  try {
    return decodeManifest(bytes.toString('utf8'), model)
  } catch (error) {
    if (error instanceof FtiError) throw error
    throw corrupt(`${manifestName} ${(error as Error).message}`, error)
  }
}

function corruptVersion(paths: ModelPaths, version: number, what: string, cause: unknown): FtiError {
  return new FtiError(registryErrors.FTI_VERSION_CORRUPT, {
    message: `${paths.model}@${version} is damaged: ${what}`,
    place: versionPath(paths, version),
    remedy: `restore the folder from a copy of the registry, or use another version: \`fti registry list ${paths.model}\``,
    cause,
  })
}
