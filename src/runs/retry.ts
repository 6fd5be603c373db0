import { exitCode, FtiError, throwIfCancelled } from '../base/index.ts'
import { pause } from './pause.ts'

export interface RetryPolicy {
  /** How often a failed attempt is tried again; 0 never. */
  readonly times: number
  /** Wait before the first repetition, in milliseconds; doubles with each one, up to an hour. */
  readonly backoffMs: number
  /** Told before each wait. */
  readonly onRetry?: ((failure: { error: unknown; attempt: number; waitMs: number }) => void) | undefined
}

const longestWaitMs = 3_600_000
/** What waiting does not cure: a wrong project file, a missing approval, damaged data, a user who has had enough. */
const final: readonly number[] = [exitCode.usage, exitCode.pending, exitCode.corrupt, exitCode.interrupted]

/**
 * Runs `work`, and again when it fails with something that may pass. Waits are spread over a half to three halves of
 * the step, so that many who failed together do not come back together. Throws the last error.
 */
export async function withRetry<T>(
  policy: RetryPolicy,
  work: (attempt: number) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    throwIfCancelled(signal)
    try {
      return await work(attempt)
    } catch (error) {
      if (attempt > policy.times || signal?.aborted || !mayPass(error)) throw error
      const waitMs = Math.min(longestWaitMs, policy.backoffMs * 2 ** (attempt - 1)) * (0.5 + Math.random())
      policy.onRetry?.({ error, attempt, waitMs })
      await pause(waitMs, signal)
    }
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof FtiError && !final.includes(error.exit)
}
