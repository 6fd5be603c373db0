import type { BackendName } from './backend.ts'
import type { EpochReport, Trained, TrainRequest } from './train-dense.ts'

/** What the worker is started with. */
export interface FitOrder extends TrainRequest {
  readonly backends: readonly BackendName[]
}

export interface FittedNetwork extends Trained {
  readonly backend: BackendName
  /** Version of tfjs. */
  readonly tensorflow: string
}

/** What the worker says: one message an epoch, then one of the others. */
export type FitMessage =
  | { readonly type: 'epoch'; readonly report: EpochReport }
  | { readonly type: 'fitted'; readonly fitted: FittedNetwork }
  | {
      readonly type: 'failed'
      readonly code: string
      readonly message: string
      readonly remedy: string
      readonly detail: string | undefined
    }
