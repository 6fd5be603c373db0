import type { Value } from '../contract/index.ts'

/** Entity keys and request columns by name: what a caller sends for one prediction. Absent is the same as null. */
export type Instance = Readonly<Record<string, Value>>
