import type { Value, ValueType } from './value-type.ts'

/** One column of a feature group and what its values must satisfy. */
export interface Feature {
  readonly name: string
  readonly type: ValueType
  readonly description?: string | undefined
  /** Unit of the values, such as `min`; a change of unit is a breaking change. */
  readonly unit?: string | undefined
  /** May be null. True unless declared otherwise. */
  readonly nullable: boolean
  /** Smallest and largest allowed value, both inclusive; null leaves a side open. */
  readonly range?: readonly [min: number | null, max: number | null] | undefined
  readonly oneOf?: readonly Value[] | undefined
  /** A regular expression (RE2) that the whole value must match. */
  readonly pattern?: string | undefined
  /** No two rows of a batch share a value. */
  readonly unique?: boolean | undefined
  /** The name this feature had in the previous contract version: makes a rename a rename. */
  readonly renamedFrom?: string | undefined
}
