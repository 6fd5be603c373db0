import { readdir } from 'node:fs/promises'
import { FtiError, isSystemError } from '../base/index.ts'
import { registryErrors } from './errors.ts'

const absent = ['ENOENT', 'ENOTDIR']
/** A folder that was unmounted, whose server is away, whose disk fails, or that this user may not read. */
const away = [
  'EIO',
  'ESTALE',
  'ENOTCONN',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'ENODEV',
  'ENXIO',
  'EACCES',
  'EPERM',
]

/** The error of a registry that cannot be asked. A server that gets it keeps its last good model. */
export function unreachable(root: string, cause: unknown): FtiError {
  return new FtiError(registryErrors.FTI_REGISTRY_UNREACHABLE, {
    message: `the registry ${root} cannot be read${reasonOf(cause)}`,
    place: root,
    remedy: `check that the folder is there, mounted and readable, and the project file's \`registry:\``,
    cause,
  })
}

/** A version that is known of without asking the registry. */
export interface RememberedVersion {
  readonly model: string
  readonly version: number
  /** Who says so: `run 20261121t…`, or a server's copy. */
  readonly source: string
}

/** The error of a registry that is there, yet empty of a model of which somebody knows that it had versions. */
export function lostModel(root: string, { model, version, source }: RememberedVersion): FtiError {
  return new FtiError(registryErrors.FTI_REGISTRY_UNREACHABLE, {
    message: `the registry ${root} has no version of '${model}', but ${model}@${version} is known from ${source}`,
    place: root,
    remedy: `mount the folder or bring its content back; to begin anew in an empty one: fti train ${model}`,
    data: { model, version, source },
  })
}

function reasonOf(cause: unknown): string {
  const code = isSystemError(cause) ? cause.code : undefined
  if (code === undefined) return ''
  if (code === 'ENOENT') return ': there is no such folder'
  return code === 'EACCES' || code === 'EPERM' ? ': this user has no permission' : `: ${code}`
}

/** Names in a folder; none when it does not exist yet. */
export async function namesIn(root: string, folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isSystemError(error, ...absent)) return []
    throw readingError(root, error)
  }
}

/** What a failed read means: the registry is away, or something that nobody expected. */
export function readingError(root: string, error: unknown): unknown {
  return isSystemError(error, ...away) ? unreachable(root, error) : error
}

/** Throws FTI_REGISTRY_UNREACHABLE when the folder itself is gone, is no folder, or cannot be looked into. */
export async function requireRegistry(root: string): Promise<void> {
  try {
    await readdir(root)
  } catch (error) {
    throw isSystemError(error) ? unreachable(root, error) : error
  }
}
