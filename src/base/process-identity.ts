import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Who holds something. A pid alone is reused after a reboot or a wrap; with the
 * start time of the process and the boot of the machine it names one process for ever.
 */
export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  readonly startedAt: string
  readonly boot: string
}

export function currentProcess(): ProcessIdentity {
  return { pid: process.pid, host: hostname(), startedAt: startTimeOf(process.pid) ?? '', boot: bootId() }
}

/**
 * False only when the process is known to be gone; a process of another host counts as alive. Two containers that share
 * a folder must have different host names (see docs/decisions/host-names.md).
 */
export function isAlive(who: ProcessIdentity): boolean {
  if (who.host !== hostname()) return true
  if (who.boot !== bootId()) return false
  try {
    process.kill(who.pid, 0)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return (startTimeOf(who.pid) ?? '') === who.startedAt
}

/** Linux keeps the boot id and start time in /proc; elsewhere the pid alone must do. */
function bootId(): string {
  return readProc('/proc/sys/kernel/random/boot_id')?.trim() ?? ''
}

function startTimeOf(pid: number): string | undefined {
  const stat = readProc(`/proc/${pid}/stat`)
  // The command may contain spaces and brackets, so count fields after the last bracket; field 22 is the start time.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie holds nothing any more; where nobody reaps (a container's first process), it would seem alive for ever.
  return fields?.[0] === 'Z' || fields?.[0] === 'X' ? undefined : fields?.[19]
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
