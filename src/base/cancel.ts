import { FtiError } from './error.ts'
import { baseErrors } from './errors.ts'

/** Throws when the user has cancelled. Called between steps, always before a commit. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return
  throw new FtiError(baseErrors.FTI_INTERRUPTED, {
    message: 'cancelled; nothing was committed',
    remedy: 'run the command again to start over',
  })
}
