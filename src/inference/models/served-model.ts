import { FtiError } from '../../base/index.ts'
import { readVersion, type VersionFiles } from '../../registry/index.ts'
import { type LoadRequest, type Scorer, scorerFromFiles } from '../../scoring/index.ts'
import { compileInstanceCheck, type InstanceCheck } from '../http/instance-check.ts'

/** A version that answers, with the check of what it is sent. Swapped as one reference, so no request sees two. */
export interface ServedModel {
  readonly scorer: Scorer
  readonly checkInstance: InstanceCheck
  /** `late_departure@3`. */
  readonly name: string
  readonly loadedAt: Date
  /** What it was loaded from, every byte checked. */
  readonly files: VersionFiles
  /** When the copy was kept that it was loaded from, because the registry could not give it; undefined from the registry. */
  readonly keptAt: string | undefined
}

/** Loads a version and warms it up: digests, golden rows, then enough runs for the engine to have compiled the path. */
export async function loadServedModel({ registry, model, version }: LoadRequest): Promise<ServedModel> {
  return await servedFrom(await readVersion(registry, model, version))
}

/** The same from files that were checked, of the registry or of a copy. */
export async function servedFrom(files: VersionFiles, keptAt?: string): Promise<ServedModel> {
  const scorer = await scorerFromFiles(files)
  warmUp(scorer)
  return {
    files,
    keptAt,
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
