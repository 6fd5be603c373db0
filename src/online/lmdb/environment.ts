import { closeSync, fstatSync, openSync, readSync, statfsSync } from 'node:fs'
import { rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RootDatabase } from 'lmdb'
import { FtiError, sha256, storageError } from '../../base/index.ts'
import { onlineErrors } from '../errors.ts'

export type Environment = RootDatabase<unknown, Uint8Array>

const options = { keyEncoding: 'binary', encoding: 'msgpack', cache: false, maxDbs: 1, noSubdir: false } as const

/** Makes a new environment in a directory; nothing in it is durable until the caller syncs its files. */
export async function createEnvironment(path: string): Promise<Environment> {
  await refuseNetworkDisk(path)
  const { open } = await import('lmdb')
  try {
    await makeRoom(path)
    return open({ ...options, path, noSync: true })
  } catch (error) {
    throw unusable(error, path)
  }
}

/** Room for LMDB's own lock file, 8 KiB and a little; and for the first pages of the data. Bytes. */
const lockBytes = 12_288
const firstBytes = 65_536

/**
 * On a full disk LMDB kills the process: it maps its lock file without room for it, and frees twice what it cannot open.
 * So the room is asked for before, where a refusal is an error.
 */
async function makeRoom(path: string): Promise<void> {
  await writeFile(join(path, 'lock.mdb'), Buffer.alloc(lockBytes))
  const room = join(path, 'room')
  await writeFile(room, Buffer.alloc(firstBytes))
  await rm(room)
}

/** What the data file of a finished environment was finished with, for a look at it before it is mapped. */
export interface FinishedData {
  readonly bytes: number
  /** SHA-256 of its beginning; environments of before this was kept have none. */
  readonly head?: string | undefined
}

/** Opens for reading an environment that is finished and never changes. */
export type OpenFinished = (path: string, finished: FinishedData) => Environment

/** Loads LMDB once and gives a function that opens without waiting, so that a reader can switch between two lookups. */
export async function finishedEnvironments(): Promise<OpenFinished> {
  const { open } = await import('lmdb')
  return (path, finished) => {
    try {
      checkDataFile(dataFile(path), finished)
      return open({ ...options, path, readOnly: true })
    } catch (error) {
      throw unusable(error, path)
    }
  }
}

const magic = 0xbeefc0de
const magicAt = 24

/**
 * LMDB makes what is absent, kills the process over a file that was cut short or is not its own, and over a changed byte in its first
 * pages does that or writes to the terminal by itself. So it is shown no such file.
 */
function checkDataFile(path: string, finished: FinishedData): void {
  const { bytes, head, isLmdb } = lookAt(path)
  if (!isLmdb) throw new Error('data.mdb is not an LMDB file')
  if (bytes !== finished.bytes) throw new Error(`data.mdb has ${bytes} bytes instead of ${finished.bytes}`)
  if (finished.head !== undefined && head !== finished.head) throw new Error('data.mdb is not what was written')
}

/** Facts of the data file of an environment that was closed. */
export function finishedData(path: string): Required<FinishedData> {
  const { bytes, head } = lookAt(dataFile(path))
  return { bytes, head }
}

/** Holds the pages that say where all others are, and with few keys those too; a digest of all would be read by every switch. */
const headBytes = 65_536

function lookAt(path: string): { readonly bytes: number; readonly head: string; readonly isLmdb: boolean } {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(headBytes)
    const head = bytes.subarray(0, readSync(file, bytes))
    return { bytes: fstatSync(file).size, head: sha256(head), isLmdb: bytes.readUInt32LE(magicAt) === magic }
  } finally {
    closeSync(file)
  }
}

function dataFile(path: string): string {
  return join(path, 'data.mdb')
}

/** Magic numbers of statfs(2). Memory maps and locks there are not shared between hosts. */
const networkDisks = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x00c36400, 'Ceph'],
])

async function refuseNetworkDisk(path: string): Promise<void> {
  const name = networkDisks.get((await statfs(path)).type)
  if (name === undefined) return
  throw new FtiError(onlineErrors.FTI_ONLINE_NETWORK_DISK, {
    message: `the online store ${path} is on ${name}; the embedded store needs a local disk`,
    place: path,
    remedy: 'set online: in the project file to a directory on a local disk, or to a redis:// or postgres:// URL',
  })
}

/** LMDB's errors carry the operating system's number instead of its name. */
const systemCodes = new Map([
  [28, 'ENOSPC'],
  [122, 'EDQUOT'],
  [13, 'EACCES'],
  [1, 'EPERM'],
  [30, 'EROFS'],
  [5, 'EIO'],
])

/** An error of LMDB as one of ours: the disk's refusals by name, anything else as a store to make anew. */
export function unusable(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof FtiError) return error
  const told = 'code' in error ? systemCodes.get(Number(error.code)) : undefined
  const code = told === 'EIO' && isFull(path) ? 'ENOSPC' : told
  const known = storageError(code === undefined ? error : Object.assign(error, { code }), path)
  if (known instanceof FtiError) return known
  return new FtiError(onlineErrors.FTI_ONLINE_CORRUPT, {
    message: `the online store ${path} cannot be used: ${error.message}`,
    place: path,
    remedy: `remove the directory and run 'fti feature sync': it holds nothing that the feature store does not`,
    cause: error,
  })
}

/** A disk that takes half of a write is full; LMDB calls that an input/output error. */
function isFull(path: string): boolean {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize < 1 << 20
}
