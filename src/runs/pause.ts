import { setTimeout as sleep } from 'node:timers/promises'

/** Waits; when cancelled it returns early, for the caller to check its signal as it does anyway. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal ? { signal } : {})
  } catch (error) {
    if (!signal?.aborted) throw error
  }
}
