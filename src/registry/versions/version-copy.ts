import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  digestOf,
  FtiError,
  isSafeName,
  isSystemError,
  makeDirectory,
  openStaging,
  removeDeadStaging,
  replaceFile,
  storageError,
} from '../../base/index.ts'
import { registryErrors } from '../errors.ts'
import { manifestName } from './manifest.ts'
import { openFolder, type VersionFiles } from './version.ts'

/** What is said of the one version that a folder of copies holds. */
export interface VersionCopy {
  readonly format: 1
  readonly model: string
  readonly version: number
  /** Folder of the registry that it came from. */
  readonly registry: string
  /** The tag that named it when it was copied. */
  readonly tag: string
  /** SHA-256 of its manifest.json, as the registry's journal had it. */
  readonly digest: string
  /** ISO 8601 UTC. */
  readonly keptAt: string
}

const recordName = 'kept.json'

/**
 * Keeps a version, every byte checked, in `directory` as `<version>-<digest>/`, beside a record of which one it is that
 * takes effect by one rename: a reader finds the version before or this one, whole. What was kept before is removed.
 * One writer at a time. Errors: those of reading the version, FTI_DISK_FULL, FTI_NO_PERMISSION.
 */
export async function keepCopy(
  directory: string,
  files: VersionFiles,
  { registry, tag, now }: { readonly registry: string; readonly tag: string; readonly now: Date },
): Promise<VersionCopy> {
  const { model, version, digest } = files
  const copy: VersionCopy = { format: 1, model, version, registry, tag, digest, keptAt: now.toISOString() }
  await makeDirectory(directory)
  await removeDeadStaging(directory)
  const folder = folderOf(copy)
  if (!(await isWhole(directory, copy))) {
    await rm(join(directory, folder), { recursive: true, force: true })
    await writeFiles(directory, folder, files)
  }
  await replaceFile(join(directory, recordName), `${JSON.stringify({ ...copy, checksum: digestOf(copy) }, null, 2)}\n`)
  for (const name of await readdir(directory))
    if (name !== folder && /^\d+-[0-9a-f]{16}$/.test(name))
      await rm(join(directory, name), { recursive: true, force: true })
  return copy
}

/**
 * The version that was kept, every byte checked; undefined when none was.
 * Errors: FTI_COPY_CORRUPT when the record or a file is not what was written.
 */
export async function readCopy(
  directory: string,
): Promise<{ readonly copy: VersionCopy; readonly files: VersionFiles } | undefined> {
  const copy = await readCopyRecord(directory)
  if (copy === undefined) return undefined
  const files = await openCopy(directory, copy)
  for (const name of Object.keys(files.manifest.files)) await files.read(name)
  return { copy, files }
}

function folderOf({ version, digest }: Pick<VersionCopy, 'version' | 'digest'>): string {
  return `${version}-${digest.slice(0, 16)}`
}

async function openCopy(directory: string, copy: VersionCopy): Promise<VersionFiles> {
  const path = join(directory, folderOf(copy))
  const corrupt = (what: string, cause?: unknown) => corruptCopy(path, copy, what, cause)
  return await openFolder({ ...copy, root: directory, path, corrupt })
}

async function isWhole(directory: string, copy: VersionCopy): Promise<boolean> {
  try {
    const files = await openCopy(directory, copy)
    for (const name of Object.keys(files.manifest.files)) await files.read(name)
    return true
  } catch (error) {
    if (error instanceof FtiError) return false
    throw error
  }
}

async function writeFiles(directory: string, folder: string, files: VersionFiles): Promise<void> {
  const staging = await openStaging(directory)
  try {
    const write = async (name: string, bytes: Uint8Array) => {
      await writeFile(join(staging.path, name), bytes, { flag: 'wx' }).catch((error: unknown) => {
        throw storageError(error, directory)
      })
    }
    for (const name of Object.keys(files.manifest.files)) await write(name, await files.read(name))
    await write(manifestName, files.manifestBytes)
    await staging.publish(join(directory, folder))
  } finally {
    await staging.discard()
  }
}

/** Which version was kept, its files unread; undefined when none was. Errors: FTI_COPY_CORRUPT. */
export async function readCopyRecord(directory: string): Promise<VersionCopy | undefined> {
  const path = join(directory, recordName)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
  const copy = decode(text)
  if (copy) return copy
  throw new FtiError(registryErrors.FTI_COPY_CORRUPT, {
    message: 'the record of the version that was kept is damaged',
    place: path,
    remedy,
  })
}

function decode(text: string): VersionCopy | undefined {
  let raw: (VersionCopy & { readonly checksum?: unknown }) | null
  try {
    raw = JSON.parse(text)
  } catch {
    return undefined
  }
  if (raw === null || typeof raw !== 'object') return undefined
  const { checksum, ...copy } = raw
  const isPlain = typeof copy.model === 'string' && isSafeName(copy.model) && Number.isSafeInteger(copy.version)
  const isNamed = /^[0-9a-f]{64}$/.test(String(copy.digest)) && !Number.isNaN(Date.parse(copy.keptAt))
  return copy.format === 1 && isPlain && isNamed && checksum === digestOf(copy) ? copy : undefined
}

const remedy = 'bring the registry back; the next server that loads from it keeps a new copy'

function corruptCopy(place: string, { model, version }: VersionCopy, what: string, cause: unknown): FtiError {
  return new FtiError(registryErrors.FTI_COPY_CORRUPT, {
    message: `the copy of ${model}@${version} is damaged: ${what}`,
    place,
    remedy,
    cause,
  })
}
