import { errorFacts, type Reporter } from '../base/index.ts'
import type { ActiveRun, RunEnd } from './begin-run.ts'
import { keepLog } from './run-log.ts'

export interface RecordedWork<T> {
  /** What it tells the reporter is kept in the record. */
  readonly work: (reporter: Reporter) => Promise<T>
  /** What the run has read and made until now; asked once, at its end, also when it failed. */
  readonly made: () => Pick<RunEnd, 'inputs' | 'outputs'> | undefined
  readonly reporter: Reporter
  readonly signal?: AbortSignal | undefined
}

/**
 * Does the work of a run that has begun, and ends its record. The record is told last and decides nothing: where it cannot be written
 * that is a warning, so that what the work has made counts, and the error that stopped it is the one that its caller sees.
 */
export async function recordRun<T>(run: ActiveRun, { work, made, reporter, signal }: RecordedWork<T>): Promise<T> {
  const log = keepLog(reporter)
  const end = async (how: Pick<RunEnd, 'status' | 'error'>) => {
    try {
      await run.finish({ ...made(), ...how, log: log.lines() })
    } catch (error) {
      const { pipeline, id } = run.record
      const why = errorFacts(error).message
      reporter.warn(`the record of run ${pipeline}/${id} does not say that it is ${how.status}: ${why}`)
    }
  }
  let result: T
  try {
    result = await work(log.reporter)
  } catch (error) {
    await end({ status: signal?.aborted ? 'cancelled' : 'failed', error })
    throw error
  }
  await end({ status: 'done' })
  return result
}
