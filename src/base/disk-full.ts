import { statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { FtiError } from './error.ts'
import { baseErrors } from './errors.ts'

/** What is known of a write that found no room. */
export interface RefusedWrite {
  /** Bytes of what was to be written, where that is known before. */
  readonly needs?: number | undefined
  readonly cause?: unknown
}

/** The error for a file that does not fit: with what it needs, where that is known, and what the file system has left. */
export function diskFull(path: string, { needs, cause }: RefusedWrite = {}): FtiError {
  const has = freeBytes(path)
  const facts = [
    ...(needs === undefined ? [] : [`needs ${needs} bytes`]),
    ...(has === undefined ? [] : [`has ${has} bytes`]),
  ]
  return new FtiError(baseErrors.FTI_DISK_FULL, {
    message: `no room left on the file system of ${path}${facts.length > 0 ? `: ${facts.join(', ')}` : ''}`,
    place: path,
    remedy: 'free some space and run the same command again',
    data: { needs, has },
    cause,
  })
}

/** Bytes that this user may still write where a file is, or is to be. */
function freeBytes(path: string): number | undefined {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder)
      return bavail * bsize
    } catch {
      if (dirname(folder) === folder) return undefined
    }
  }
}
