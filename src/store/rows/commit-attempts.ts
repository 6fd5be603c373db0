import { setTimeout as sleep } from 'node:timers/promises'
import { FtiError, throwIfCancelled, withCleanUp } from '../../base/index.ts'
import { type DataWriter, openDataWriter } from '../delta/data-writer.ts'

export interface Attempts {
  readonly signal?: AbortSignal | undefined
  /** How often to begin again when other processes commit first; 50 unless given. */
  readonly maxRetries?: number | undefined
}

/**
 * Runs an attempt to commit to a table, from reading its newest snapshot on, and again when another process committed in
 * between. The files of a failed attempt are taken back.
 */
export async function attemptCommits<T>(
  table: string,
  { signal, maxRetries = 50 }: Attempts,
  attempt: (writer: DataWriter) => Promise<T>,
): Promise<T> {
  const writer = await openDataWriter(table)
  const untilCommitted = async () => {
    for (let tried = 0; ; tried++) {
      throwIfCancelled(signal)
      try {
        return await attempt(writer)
      } catch (error) {
        await takeBack(writer)
        const conflict = error instanceof FtiError && error.code === 'FTI_STORE_CONFLICT'
        if (!conflict || tried >= maxRetries) throw error
      }
      await sleep(Math.random() * Math.min(200, 5 * 2 ** tried))
    }
  }
  return withCleanUp(untilCommitted, () => writer.close())
}

/** Where the log cannot be read, files stay that no entry names: what stopped the attempt says more than that. */
async function takeBack(writer: DataWriter): Promise<void> {
  await writer.withdraw().catch(() => {})
}
