import type { Lineage, Signature } from '../contract/index.ts'
import type { ColumnBatch } from '../engine/index.ts'
import { compileNetwork, decodeNetwork } from '../model/index.ts'
import { journalHead, readVersion } from '../registry/index.ts'
import { compileEncoder, type FittedTransforms } from '../transform/index.ts'
import { rankRows } from './evaluation/ranking.ts'
import type { Opponent } from './gates.ts'
import type { SplitData } from './matrix.ts'

/** Lets a tagged version score the test rows of another one, where that is a fair fight. */
export async function scoreOpponent(
  registry: string,
  model: string,
  tag: string,
  test: SplitData,
  testStarts: Date,
): Promise<Opponent> {
  const { tags } = await journalHead(registry, model)
  const version = tags[tag]
  if (version === undefined) return { kind: 'none' }
  const files = await readVersion(registry, model, version)
  const json = async <T>(name: string) => JSON.parse((await files.read(name)).toString('utf8')) as T
  const lineage = await json<Lineage>('lineage.json')
  if (Date.parse(lineage.dataset.trainedUntil) >= testStarts.getTime()) {
    return {
      kind: 'incomparable',
      version,
      why: `it was trained on rows until ${lineage.dataset.trainedUntil}, which are among the test rows`,
    }
  }
  const signature = await json<Signature>('signature.json')
  const missing = signature.columns.find((column) => !(column.name in test.columns.columns))
  if (missing)
    return { kind: 'incomparable', version, why: `it reads '${missing.name}', which this dataset does not have` }
  const encoder = compileEncoder(await json<FittedTransforms>('transforms.json'))
  const modelJson = (await files.read('model.json')).toString('utf8')
  const network = compileNetwork(decodeNetwork(modelJson, await files.read('weights.bin')))
  const columns: ColumnBatch = test.columns
  const scores = Float64Array.from(network.predictBatch(encoder.encodeBatch(columns), columns.rows))
  return { kind: 'scored', version, rows: rankRows(scores, test.labels) }
}
