import type { ColumnBatch } from '../engine/index.ts'
import type { Rows } from '../model/index.ts'
import type { Encoder } from '../transform/index.ts'

/** Raw columns of one split with its labels. */
export interface SplitData {
  readonly columns: ColumnBatch
  readonly labels: Float64Array
}

/** Encodes a split onto shared memory, so that the training thread reads it without a copy. */
export function encodeSplit(encoder: Encoder, { columns, labels }: SplitData): Rows {
  const shared = new Float32Array(new SharedArrayBuffer(columns.rows * encoder.width * 4))
  const y = new Float32Array(new SharedArrayBuffer(columns.rows * 4))
  y.set(labels)
  return { x: encoder.encodeBatch(columns, shared), y, rows: columns.rows }
}
