import { rm } from 'node:fs/promises'
import { createFile, isAlive, replaceFile } from '../base/index.ts'
import { type LockHolder, readHolder } from './lock-holder.ts'

/**
 * Makes `mine` the holder of a lock file, or returns the live process that is in the way.
 *
 * Two who find the same dead holder must not both take over: the slower one would replace the lock of the faster.
 * So the file of a dead holder is replaced only by the holder of a second lock beside it, who looks again first.
 * A holder of that one who dies leaves it to the same rule, one level deeper.
 */
export async function claimLock(path: string, mine: LockHolder): Promise<LockHolder | undefined> {
  for (;;) {
    if (await createFile(path, JSON.stringify(mine))) return undefined
    const found = await readHolder(path)
    if (!found) continue
    if (isHeld(found)) return found
    const guard = `${path}.takeover`
    const busy = await claimLock(guard, mine)
    if (busy) return busy
    try {
      const again = await readHolder(path)
      if (again?.id !== found.id) continue
      await replaceFile(path, JSON.stringify(mine))
      return undefined
    } finally {
      await rm(guard, { force: true })
    }
  }
}

function isHeld(holder: LockHolder): boolean {
  return holder.pid > 0 && isAlive(holder)
}
