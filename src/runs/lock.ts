import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  currentProcess,
  FtiError,
  formatDuration,
  makeDirectory,
  newId,
  removeDeadStaging,
  throwIfCancelled,
} from '../base/index.ts'
import { claimLock } from './claim-lock.ts'
import { runsErrors } from './errors.ts'
import { type LockHolder, readHolder } from './lock-holder.ts'
import { pause } from './pause.ts'
import { pipelineName } from './pipeline-name.ts'

export interface LockRequest {
  /** What the holder is doing, as it was typed: shown to whoever has to wait. */
  readonly command: string
  /** How long to wait for the present holder; 0 does not wait. */
  readonly waitMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * A courtesy among commands: it saves work that would lose at its commit. It is no guarantee, and nothing may rely
 * on it for correctness: every commit of fti decides by a link that only one writer can make.
 */
export interface Lock {
  readonly holder: LockHolder
  /** Removes the lock when it is still this one. May be called twice. */
  release(): Promise<void>
}

/**
 * Takes `<directory>/<name>.lock`. The lock of a process that is gone (killed, crashed, before a reboot, its pid
 * used again) is taken over at once, by exactly one of those who want it.
 * Errors: FTI_LOCKED (pid, command, since), FTI_INTERRUPTED.
 */
export async function acquireLock(directory: string, name: string, request: LockRequest): Promise<Lock> {
  const path = join(directory, `${pipelineName(name)}.lock`)
  await makeDirectory(directory)
  await removeDeadStaging(directory)
  const deadline = performance.now() + (request.waitMs ?? 0)
  for (;;) {
    throwIfCancelled(request.signal)
    const mine: LockHolder = {
      format: 1,
      id: newId(),
      ...currentProcess(),
      command: request.command,
      since: new Date().toISOString(),
    }
    const other = await claimLock(path, mine)
    if (!other) return { holder: mine, release: () => release(path, mine) }
    const leftMs = deadline - performance.now()
    if (leftMs <= 0) throw locked(name, path, other)
    await pause(Math.min(leftMs, 50 + Math.random() * 100), request.signal)
  }
}

async function release(path: string, mine: LockHolder): Promise<void> {
  if ((await readHolder(path))?.id === mine.id) await rm(path, { force: true })
}

function locked(name: string, path: string, holder: LockHolder): FtiError {
  const { pid, host, command, since } = holder
  const age = formatDuration(Math.max(0, Date.now() - Date.parse(since)))
  const elsewhere = host !== currentProcess().host
  return new FtiError(runsErrors.FTI_LOCKED, {
    message: `${name} is in use by pid ${pid} \`${command}\` on ${host} since ${since} (${age})`,
    place: path,
    remedy: elsewhere
      ? `run the command again when that process has ended; if ${host} no longer exists, remove ${path}`
      : 'run the command again when that process has ended, or stop it; a lock of a dead process is taken over by itself',
    data: { name, pid, host, command, since },
  })
}
