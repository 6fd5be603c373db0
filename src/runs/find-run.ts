import { didYouMean, FtiError } from '../base/index.ts'
import { runsErrors } from './errors.ts'
import { listPipelines, readRun, runIds } from './list-runs.ts'
import type { Run } from './run-record.ts'

/** One run by its id, whatever its pipeline. Errors: FTI_RUN_UNKNOWN with the nearest id, or the newest ones. */
export async function findRun(state: string, id: string): Promise<Run> {
  const known: string[] = []
  for (const pipeline of await listPipelines(state)) {
    const ids = await runIds(state, pipeline)
    if (ids.includes(id)) return await readRun(state, pipeline, id)
    known.push(...ids)
  }
  throw new FtiError(runsErrors.FTI_RUN_UNKNOWN, {
    message: `there is no run '${id}'`,
    place: state,
    remedy: didYouMean(id, known.sort().reverse(), 'look for it with: fti runs list'),
  })
}
