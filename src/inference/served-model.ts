import { FtiError } from '../base/index.ts'
import { type LoadRequest, loadScorer, type Scorer } from '../scoring/index.ts'
import { compileInstanceCheck, type InstanceCheck } from './instance-check.ts'

/** A version that answers, with the check of what it is sent. Swapped as one reference, so no request sees two. */
export interface ServedModel {
  readonly scorer: Scorer
  readonly checkInstance: InstanceCheck
  /** `late_departure@3`. */
  readonly name: string
  readonly loadedAt: Date
}

/** Loads a version and warms it up: digests, golden rows, then enough runs for the engine to have compiled the path. */
export async function loadServedModel(request: LoadRequest): Promise<ServedModel> {
  const scorer = await loadScorer(request)
  warmUp(scorer)
  return {
    scorer,
    checkInstance: compileInstanceCheck(scorer.signature),
    name: `${scorer.model}@${scorer.version}`,
    loadedAt: new Date(),
  }
}

const warmUpRuns = 300

function warmUp(scorer: Scorer): void {
  const { entityKeys, request, columns } = scorer.signature
  const names = [...Object.keys(entityKeys), ...request.map(({ name }) => name)]
  const empty = Object.fromEntries(names.map((name) => [name, null]))
  const values = columns.map(() => null)
  for (let i = 0; i < warmUpRuns; i++) scorer.predictValues(values)
  try {
    for (let i = 0; i < warmUpRuns; i++) scorer.score([empty], () => undefined, 0)
  } catch (error) {
    // On-demand code may refuse nulls; that is its answer to a request, and no fault of the version.
    if (!(error instanceof FtiError) || !error.code.startsWith('FTI_ON_DEMAND_')) throw error
  }
}
