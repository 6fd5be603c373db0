import type { Model } from '../../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../../engine/index.ts'
import type { BuiltDataset } from '../dataset/build-dataset.ts'
import { joinFeatures } from '../dataset/join-features.ts'
import { neededColumns } from '../dataset/spine.ts'
import { singleFeatureScores } from '../evaluation/leakage.ts'

/**
 * Scores of the joined columns as if every value had become known later by this much. A column that loses most of its
 * score lives from being known just in time: whether serving will have it by then is worth a look.
 */
export async function shiftedScores(
  engine: Engine,
  model: Model,
  { signature, sources, dataset }: BuiltDataset,
  shiftMs: number,
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const columns = [...neededColumns(model, sources.groups).keys()].map(quoteName).join(', ')
  const until = `TIMESTAMPTZ ${quoteText(dataset.boundaries.trainedUntil)}`
  const output = '_shifted'
  await joinFeatures(engine, {
    signature,
    groups: sources.groups,
    spine: `SELECT ${columns}, _label FROM _labelled WHERE ${quoteName(model.time)} < ${until}`,
    time: model.time,
    output,
    shiftAvailabilityMs: shiftMs,
    signal,
  })
  const request = new Set([
    ...signature.request.map(({ name }) => name),
    ...Object.keys(signature.onDemand?.outputs ?? {}),
  ])
  const names = signature.columns.map(({ name }) => name).filter((name) => !request.has(name))
  const found = await engine.columns(`SELECT ${[...names.map(quoteName), '_label'].join(', ')} FROM ${output}`, signal)
  const { _label: label, ...joined } = found.columns
  if (label?.kind !== 'number') throw new Error('the joined rows have no label')
  return singleFeatureScores(joined, label.values, model.task)
}
