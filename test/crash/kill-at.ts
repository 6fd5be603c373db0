import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Kills this process with SIGKILL before its n-th call to the file system, so that a sweep over n stops a command at
 * every one of them; the calls themselves are untouched. Returns how many calls there have been.
 */
export async function killAtCall(n: number): Promise<() => number> {
  let calls = 0
  const count = () => {
    if (++calls === n) process.kill(process.pid, 'SIGKILL')
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

function wrap(target: Record<string, (...args: unknown[]) => unknown>, names: string[], before: () => void): void {
  for (const name of names) {
    const original = target[name]
    if (!original) throw new Error(`there is no ${name} to count`)
    target[name] = function (this: unknown, ...args: unknown[]) {
      before()
      return original.apply(this, args)
    }
  }
}
