import { readFile } from 'node:fs/promises'
import { isSystemError, type ProcessIdentity, sha256 } from '../base/index.ts'

/** What a lock file says. */
export interface LockHolder extends ProcessIdentity {
  readonly format: 1
  /** Names this one acquisition. */
  readonly id: string
  readonly command: string
  /** ISO 8601 UTC. */
  readonly since: string
}

/**
 * Who holds the lock; undefined when nobody does. A file that is no lock (lock files appear whole, so a damaged disk
 * or a hand made it) counts as held by a process that is gone.
 */
export async function readHolder(path: string): Promise<LockHolder | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
  return decode(text) ?? nobody(text)
}

function decode(text: string): LockHolder | undefined {
  try {
    const raw = JSON.parse(text) as Record<string, unknown> | null
    const texts = ['id', 'host', 'startedAt', 'boot', 'command', 'since']
    const isWhole = Number.isSafeInteger(raw?.['pid']) && texts.every((key) => typeof raw?.[key] === 'string')
    return isWhole ? (raw as unknown as LockHolder) : undefined
  } catch {
    return undefined
  }
}

function nobody(text: string): LockHolder {
  const dead = { pid: 0, host: '', startedAt: '', boot: '' }
  return { format: 1, id: `unreadable-${sha256(text)}`, ...dead, command: '', since: new Date(0).toISOString() }
}
