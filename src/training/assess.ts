import { join } from 'node:path'
import type { Model } from '../contract/index.ts'
import { type Engine, quoteText } from '../engine/index.ts'
import type { Project } from '../project/index.ts'
import { scorerFromFiles } from '../scoring/index.ts'
import { profileRelation, type TrainingDataset } from '../store/index.ts'
import type { BuiltDataset } from './dataset/build-dataset.ts'
import { judge } from './evaluation/judge.ts'
import type { FittedModel, Splits } from './fit-model.ts'
import { checkParity, type Parity } from './parity/parity.ts'
import { modelCard } from './register/card.ts'
import { lineageOf } from './register/lineage.ts'
import { type Report, reportOf } from './register/report.ts'
import { describingFiles, inMemory, servedFiles, type VersionContent } from './register/version-files.ts'

export interface AssessOptions {
  readonly project: Project
  readonly built: BuiltDataset
  readonly splits: Splits
  readonly fitted: FittedModel
  readonly ftiVersion: string
  readonly ignoreAvailableAt?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Assessment {
  readonly files: VersionContent
  readonly report: Report
  readonly parity: Parity
}

/** Judges the fitted model and writes, in memory, the files of the version that it would be. */
export async function assess(engine: Engine, model: Model, options: AssessOptions): Promise<Assessment> {
  const { project, built, splits, fitted, signal } = options
  const served = await servedFiles(fitted, built.signature, splits.test, built.onDemand?.code)
  const judging = judge(model, fitted, splits, { engine, project, built, signal })
  // DuckDB profiles and samples on its own threads while this one judges.
  const proving = prove(engine, model, options, served)
  // Both end before the first error is thrown: the caller closes the engine then.
  await Promise.allSettled([judging, proving])
  const [judgement, { parity, profile }] = [await judging, await proving]
  const lineage = await lineageOf(model, built, fitted, options)
  const report = reportOf(model, judgement, parity, fitted, {
    weightsBin: served.get('weights.bin') ?? Buffer.alloc(0),
    ignoreAvailableAt: lineage.ignoreAvailableAt,
  })
  const card = modelCard(model, report, lineage)
  return { files: new Map([...served, ...describingFiles({ lineage, report, profile, card })]), report, parity }
}

async function prove(
  engine: Engine,
  model: Model,
  { project, built, fitted, signal }: AssessOptions,
  served: VersionContent,
) {
  const train = `SELECT * FROM read_parquet(${quoteText(built.dataset.paths.train)})`
  const profile = await profileRelation(engine, train, built.signature.columns, signal)
  const parity = await checkParity({
    engine,
    examples: examplesOf(built.dataset),
    time: model.time,
    groups: built.sources.groups,
    scorer: await scorerFromFiles(inMemory(model, served)),
    encoder: fitted.encoder,
    folder: join(project.state, 'tmp'),
    signal,
  })
  return { profile, parity }
}

/** SQL of all rows of a training dataset. */
export function examplesOf({ paths }: TrainingDataset): string {
  return `SELECT * FROM read_parquet([${Object.values(paths).map(quoteText).join(', ')}])`
}
