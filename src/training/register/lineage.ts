import type { Lineage, Model } from '../../contract/index.ts'
import { engineVersion } from '../../engine/index.ts'
import type { Project } from '../../project/index.ts'
import type { BuiltDataset } from '../dataset/build-dataset.ts'
import type { FittedModel } from '../fit-model.ts'
import { codeRevision } from './revision.ts'

/** Where the version comes from, gathered at the moment of training. */
export async function lineageOf(
  model: Model,
  built: BuiltDataset,
  fitted: FittedModel,
  options: {
    readonly project: Project
    readonly ftiVersion: string
    readonly ignoreAvailableAt?: boolean | undefined
  },
): Promise<Lineage> {
  const { dataset, labels, snapshots, sources, onDemand } = built
  return {
    dataset: {
      id: dataset.id,
      digest: dataset.digest,
      asOf: dataset.asOf,
      // Early stopping has seen the validation rows.
      trainedUntil: dataset.boundaries.validationEnds,
      rows: dataset.rows,
      labels,
    },
    snapshots,
    code: await codeRevision(options.project.directory),
    configDigest: options.project.digest,
    spineDigest: sources.spineDigest,
    onDemandDigest: onDemand?.digest,
    environment: {
      fti: options.ftiVersion,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      backend: fitted.network.backend,
      tensorflow: fitted.network.tensorflow,
      duckdb: await engineVersion(),
    },
    seed: model.fit.seed,
    ignoreAvailableAt: options.ignoreAvailableAt ?? false,
  }
}
