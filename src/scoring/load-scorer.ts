import { FtiError } from '../base/index.ts'
import type { Signature, ValueType } from '../contract/index.ts'
import { compileNetwork, decodeNetwork } from '../model/index.ts'
import { readVersion, type VersionFiles } from '../registry/index.ts'
import {
  compileEncoder,
  type FittedTransforms,
  type OnDemandFunction,
  parseTransforms,
  wrapOnDemand,
} from '../transform/index.ts'
import { scoringErrors } from './errors.ts'
import { replayGolden } from './golden.ts'
import { type Scorer, scorerOf } from './scorer.ts'
import { decodeSignature } from './signature-file.ts'
import type { OnDemandCall } from './vector-plan.ts'

export interface LoadRequest {
  /** Directory of the registry. */
  readonly registry: string
  readonly model: string
  readonly version: number
}

/**
 * Loads a version: digests of every file, then signature, transforms and network by our own readers, then its on-demand
 * code (the only code that a version holds), then the golden rows, whose answers must come back.
 * Errors: those of `readVersion`; FTI_SIGNATURE_INVALID, FTI_NETWORK_CORRUPT, FTI_ON_DEMAND_BROKEN, FTI_GOLDEN_MISMATCH.
 */
export async function loadScorer({ registry, model, version }: LoadRequest): Promise<Scorer> {
  const files = await readVersion(registry, model, version)
  return scorerFromFiles(files)
}

/** The files of a version, read from a registry or still in memory before it is registered. */
export type ScorerFiles = Pick<VersionFiles, 'model' | 'version' | 'path' | 'read'>

/** The same from files whose digests were checked, or that were never written: training proves a version before it registers it. */
export async function scorerFromFiles(files: ScorerFiles): Promise<Scorer> {
  const text = async (name: string) => (await files.read(name)).toString('utf8')
  const place = (name: string) => `${files.path}/${name}`
  const signature = decodeSignature(await text('signature.json'), place('signature.json'))
  const fitted = parseTransforms(await text('transforms.json'))
  const weights = decodeNetwork(await text('model.json'), await files.read('weights.bin'))
  checkAgreement(signature, fitted, weights.inputs, files.path)
  const scorer = scorerOf({
    model: files.model,
    version: files.version,
    signature,
    onDemand: await onDemandOf(signature, files),
    encoder: compileEncoder(fitted),
    network: compileNetwork(weights),
  })
  replayGolden(await text('golden.json'), place('golden.json'), scorer.predictValues)
  return scorer
}

/** Signature, transforms and network must speak of the same columns in the same order. */
function checkAgreement(signature: Signature, fitted: FittedTransforms, inputs: number, place: string): void {
  const declared = signature.columns.map(({ name }) => name).join(', ')
  const encoded = fitted.columns.map(({ name }) => name).join(', ')
  if (declared !== encoded)
    throw disagree(`the signature has the columns ${declared}, the transforms ${encoded}`, place)
  const { width } = compileEncoder(fitted)
  if (width !== inputs) throw disagree(`the transforms give ${width} numbers, the network takes ${inputs}`, place)
}

async function onDemandOf(signature: Signature, files: ScorerFiles): Promise<OnDemandCall | undefined> {
  const declared = signature.onDemand
  if (declared === undefined) return undefined
  const types = new Map<string, ValueType>([
    ...Object.entries(signature.entityKeys),
    ...signature.request.map(({ name, type }) => [name, type] as const),
  ])
  const inputs = Object.fromEntries(declared.inputs.map((name) => [name, types.get(name) ?? 'string']))
  const run = await importOnDemand(await files.read('on-demand.mjs'), `${files.path}/on-demand.mjs`)
  return wrapOnDemand(run, { inputs, outputs: declared.outputs })
}

/**
 * Imports the very bytes whose digest was checked: a file could be changed between the check and the import.
 * The same bytes are the same module, so that swapping between two versions does not fill the memory.
 */
export async function importOnDemand(code: Buffer, place: string): Promise<OnDemandFunction> {
  const broken = (what: string, cause?: unknown) =>
    new FtiError(scoringErrors.FTI_ON_DEMAND_BROKEN, {
      message: `the on-demand code ${what}`,
      place,
      remedy: 'train and register the model again, or use another version',
      cause,
    })
  let module: { default?: unknown }
  try {
    module = (await import(`data:text/javascript;base64,${code.toString('base64')}`)) as { default?: unknown }
  } catch (error) {
    throw broken(`cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, error)
  }
  if (typeof module.default !== 'function') throw broken('has no default export that is a function')
  return module.default as OnDemandFunction
}

function disagree(what: string, place: string): FtiError {
  return new FtiError(scoringErrors.FTI_SIGNATURE_INVALID, {
    message: `the files of the version contradict one another: ${what}`,
    place,
    remedy: 'train and register the model again, or use another version',
  })
}
