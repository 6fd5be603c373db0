import type { Lineage, Model, Profile, Signature } from '../../contract/index.ts'
import {
  type CompiledNetwork,
  compileNetwork,
  decodeNetwork,
  encodeNetwork,
  predictWithTfjs,
} from '../../model/index.ts'
import { goldenJson, type ScorerFiles } from '../../scoring/index.ts'
import { valuesOfRow } from '../dataset/row-values.ts'
import type { FittedModel } from '../fit-model.ts'
import type { SplitData } from '../matrix.ts'

/** The files of a version by name, as they will stand in the registry; the manifest is the registry's own. */
export type VersionContent = Map<string, Buffer>

const goldenRows = 32
/** Compiled code sums in float64, tfjs in float32: they agree to float32 precision of the answers' size, not to the bit. */
const relativeTolerance = 1e-5

/** Everything that serving needs: network, transforms, signature, on-demand code, and golden rows answered by tfjs. */
export async function servedFiles(
  fitted: FittedModel,
  signature: Signature,
  test: SplitData,
  onDemand: string | undefined,
): Promise<VersionContent> {
  const { modelJson, weightsBin } = encodeNetwork(fitted.network.weights)
  const files: VersionContent = new Map()
  files.set('model.json', Buffer.from(modelJson))
  files.set('weights.bin', Buffer.from(weightsBin))
  files.set('transforms.json', json(fitted.transforms))
  files.set('signature.json', json(signature))
  if (onDemand !== undefined) files.set('on-demand.mjs', Buffer.from(onDemand))
  // Read back from the bytes: what is proved is what is stored.
  const weights = decodeNetwork(modelJson, weightsBin)
  const rows = Math.min(goldenRows, test.columns.rows)
  const x = fitted.matrices.test.x.slice(0, rows * fitted.encoder.width)
  const outputs = await predictWithTfjs(weights, x, rows)
  const tolerance = toleranceFor(outputs)
  checkAgainstReference(compileNetwork(weights), x, rows, outputs, tolerance)
  files.set(
    'golden.json',
    Buffer.from(
      goldenJson({
        format: 1,
        tolerance,
        rows: Array.from({ length: rows }, (_, row) => ({
          values: valuesOfRow(signature, test.columns, row),
          output: outputs[row] as number,
        })),
      }),
    ),
  )
  return files
}

/** What people and later commands need to know about a version. */
export function describingFiles(content: {
  readonly lineage: Lineage
  readonly report: unknown
  readonly profile: Profile
  readonly card: string
}): VersionContent {
  return new Map([
    ['lineage.json', json(content.lineage)],
    ['metrics.json', json(content.report)],
    ['reference-profile.json', json(content.profile)],
    ['card.md', Buffer.from(content.card)],
  ])
}

/** The files as a scorer reads them, before there is a version. */
export function inMemory(model: Model, files: VersionContent): ScorerFiles {
  return {
    model: model.name,
    version: 0,
    path: `the new version of ${model.name}`,
    read: async (name) => {
      const bytes = files.get(name)
      if (bytes === undefined) throw new Error(`the new version has no ${name}`)
      return bytes
    },
  }
}

/** Of the largest answer: a small one among large ones is their difference, and has their error. */
function toleranceFor(outputs: Float32Array): number {
  return relativeTolerance * outputs.reduce((most, output) => Math.max(most, Math.abs(output)), 1)
}

/** The compiled network must give what tfjs gives, or serving would answer with another model than was evaluated. */
function checkAgainstReference(
  compiled: CompiledNetwork,
  x: Float32Array,
  rows: number,
  outputs: Float32Array,
  tolerance: number,
): void {
  const own = compiled.predictBatch(x, rows)
  for (let row = 0; row < rows; row++) {
    const difference = Math.abs((own[row] as number) - (outputs[row] as number))
    if (!(difference <= tolerance))
      throw new Error(`the compiled network differs from tfjs by ${difference} in row ${row}`)
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`)
}
