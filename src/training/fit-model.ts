import type { TaskReporter } from '../base/index.ts'
import type { Model, Signature } from '../contract/index.ts'
import { type BackendName, type FittedNetwork, fitNetwork, type Rows } from '../model/index.ts'
import { compileEncoder, type Encoder, type FittedTransforms, fitTransforms } from '../transform/index.ts'
import { encodeSplit, type SplitData } from './matrix.ts'

export interface Splits {
  readonly train: SplitData
  readonly validation: SplitData
  readonly test: SplitData
}

/** A network with the transforms that were fitted with it, and the matrices that both have seen. */
export interface FittedModel {
  readonly transforms: FittedTransforms
  readonly encoder: Encoder
  readonly network: FittedNetwork
  readonly matrices: Readonly<Record<keyof Splits, Rows>>
}

/** Transforms fitted on `train` only, then the network, which `validation` stops early. `test` is only encoded. */
export async function fitModel(
  model: Model,
  signature: Signature,
  splits: Splits,
  options: {
    readonly backend: BackendName | 'auto'
    readonly task: TaskReporter
    readonly signal?: AbortSignal | undefined
  },
): Promise<FittedModel> {
  const { backend, task, signal } = options
  const declared = signature.columns.map(({ name, type }) => ({ name, type, transforms: model.transforms[name] }))
  const transforms = fitTransforms(declared, splits.train.columns)
  const encoder = compileEncoder(transforms)
  const matrices = {
    train: encodeSplit(encoder, splits.train),
    validation: encodeSplit(encoder, splits.validation),
    test: encodeSplit(encoder, splits.test),
  }
  const network = await fitNetwork(
    {
      network: model.network,
      task: model.task,
      fit: model.fit,
      width: encoder.width,
      train: matrices.train,
      validation: matrices.validation,
      backend,
    },
    {
      signal,
      onEpoch: ({ epoch, loss, validationLoss, seconds }) => {
        const validation = validationLoss === null ? '' : `, validation ${validationLoss.toFixed(4)}`
        task.update(
          `epoch ${epoch} of ${model.fit.epochs}: loss ${loss.toFixed(4)}${validation} (${seconds.toFixed(1)} s)`,
        )
      },
    },
  )
  return { transforms, encoder, network, matrices }
}
