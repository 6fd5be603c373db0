import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

export interface Stop {
  /** Number of the call before which the process stops; 0: never. */
  readonly at: number
  /** SIGKILL ends it, SIGSTOP freezes it until somebody sends SIGCONT. */
  readonly signal: 'SIGKILL' | 'SIGSTOP'
  /** Count only this call; absent: all of them. */
  readonly call?: string | undefined
}

/**
 * Stops this process before its n-th call to the file system, so that a sweep over n meets a command at every one of
 * them; the calls themselves are untouched. Returns how many calls there have been.
 */
export async function stopAtCall(stop: Stop): Promise<() => number> {
  let calls = 0
  const count = (name: string) => {
    if ((stop.call ?? name) !== name || ++calls !== stop.at) return
    fs.writeSync(1, 'stopping\n')
    process.kill(process.pid, stop.signal)
  }
  const handle = await fs.promises.open(import.meta.filename, 'r')
  const methods = Object.getPrototypeOf(handle) as Record<string, (...args: unknown[]) => unknown>
  await handle.close()
  wrap(methods, ['read', 'sync', 'write', 'writeFile'], count)
  const functions = fs.promises as unknown as Record<string, (...args: unknown[]) => unknown>
  wrap(
    functions,
    ['link', 'mkdir', 'open', 'readdir', 'readFile', 'realpath', 'rename', 'rm', 'stat', 'writeFile'],
    count,
  )
  syncBuiltinESMExports()
  return () => calls
}

function wrap(
  target: Record<string, (...args: unknown[]) => unknown>,
  names: string[],
  before: (name: string) => void,
): void {
  for (const name of names) {
    const original = target[name]
    if (!original) throw new Error(`there is no ${name} to count`)
    target[name] = function (this: unknown, ...args: unknown[]) {
      before(name)
      return original.apply(this, args)
    }
  }
}
