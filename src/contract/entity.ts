import type { ValueType } from './value-type.ts'

/** What rows are about, and the columns that name one of it. The order of the key columns is part of the contract. */
export interface Entity {
  readonly name: string
  readonly key: Readonly<Record<string, ValueType>>
}
