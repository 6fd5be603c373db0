import type { FeatureSelection } from './feature-view.ts'
import type { RequestColumn, Task } from './model.ts'
import type { ValueType } from './value-type.ts'

/** One feature group as a version reads it, with everything serving needs to look it up. */
export interface SignatureGroup extends FeatureSelection {
  readonly contractVersion: number
  /** Entity key columns of the group in order, with their types. */
  readonly key: Readonly<Record<string, ValueType>>
  /** Type of each picked feature. */
  readonly types: Readonly<Record<string, ValueType>>
  readonly isStatic: boolean
  readonly maxAgeMs?: number | undefined
}

/** Names, types and order of what a model version takes and gives. The only description that inference has. */
export interface Signature {
  readonly format: 1
  readonly task: Task
  /** Spine columns that name entities: the keys a caller sends. */
  readonly entityKeys: Readonly<Record<string, ValueType>>
  readonly request: readonly RequestColumn[]
  readonly groups: readonly SignatureGroup[]
  readonly onDemand?:
    | { readonly inputs: readonly string[]; readonly outputs: Readonly<Record<string, ValueType>> }
    | undefined
  /** Columns of the vector before model-dependent transforms, in order. */
  readonly columns: readonly { readonly name: string; readonly type: ValueType }[]
  readonly output: { readonly name: string; readonly type: 'float64' }
}
