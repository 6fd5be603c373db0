import { FtiError } from '../base/index.ts'
import type { Lineage, Signature } from '../contract/index.ts'
import type { Engine } from '../engine/index.ts'
import type { Project } from '../project/index.ts'
import { readVersion, type VersionFiles } from '../registry/index.ts'
import { readDataset, storeErrors, type TrainingDataset } from '../store/index.ts'
import { type Comparison, type GateResult, judgeTag } from './evaluation/gates.ts'
import { type Arena, readJson, scoreRows, scoreVersion } from './evaluation/opponent.ts'
import { readSplit } from './read-split.ts'
import { withEngine } from './store-engine.ts'

export interface RejudgeRequest {
  readonly project: Pick<Project, 'registry' | 'store' | 'state'>
  readonly model: string
  readonly version: number
  /** What the gates said when the version was trained. */
  readonly gates: readonly GateResult[]
  /** What the tags name now. */
  readonly tags: Readonly<Record<string, number>>
  readonly signal?: AbortSignal | undefined
}

/**
 * The verdicts as of now: a comparison with a tag that has moved since the training is made again, on the test rows of
 * the version's own dataset. When that dataset is gone the recorded verdict stands, and says so.
 */
export async function rejudge(request: RejudgeRequest): Promise<GateResult[]> {
  const { gates, tags } = request
  const outdated = gates.some(({ comparison }) => comparison && (tags[comparison.tag] ?? null) !== comparison.version)
  if (!outdated) return [...gates]
  const files = await readVersion(request.project.registry, request.model, request.version)
  const dataset = await datasetOf(request, files)
  return withEngine(request.project, async (engine) => {
    const results: GateResult[] = []
    for (const result of gates) results.push(await again(engine, request, files, dataset, result))
    return results
  })
}

async function again(
  engine: Engine,
  request: RejudgeRequest,
  files: VersionFiles,
  dataset: TrainingDataset | string,
  recorded: GateResult,
): Promise<GateResult> {
  const { comparison } = recorded
  if (!comparison) return recorded
  const named = request.tags[comparison.tag] ?? null
  if (named === comparison.version) return recorded
  if (named === null) return { ...recorded, passed: true, found: `no ${comparison.tag} now` }
  if (named === request.version) return { ...recorded, passed: true, found: `it is the ${comparison.tag} itself` }
  if (typeof dataset === 'string')
    return { ...recorded, found: `${recorded.found}; as judged at training, for ${dataset}` }
  return compare(engine, request, files, dataset, comparison, named)
}

async function compare(
  engine: Engine,
  { project, model, signal }: RejudgeRequest,
  files: VersionFiles,
  dataset: TrainingDataset,
  { metric, tag }: Comparison,
  opponentVersion: number,
): Promise<GateResult> {
  const signature = await readJson<Signature>(files, 'signature.json')
  const { seed, onDemandDigest } = await readJson<Lineage>(files, 'lineage.json')
  const test = await readSplit(engine, dataset.paths.test, signature, [], signal)
  const arena: Arena = { engine, project, model, dataset, test, signature, onDemandDigest, signal }
  const opponent = await scoreVersion(arena, opponentVersion)
  return judgeTag(metric, tag, opponent, { task: signature.task, rows: await scoreRows(files, test), seed })
}

/** The dataset that the version was trained on, every file as it was written; else why there is none. */
async function datasetOf({ project, model }: RejudgeRequest, files: VersionFiles): Promise<TrainingDataset | string> {
  const { dataset } = await readJson<Lineage>(files, 'lineage.json')
  try {
    return await readDataset(project.store, model, dataset.id)
  } catch (error) {
    const isGone = error instanceof FtiError && error.code === storeErrors.FTI_DATASET_UNKNOWN.code
    if (isGone) return `its training dataset ${dataset.id} is gone`
    throw error
  }
}
