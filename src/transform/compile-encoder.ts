import { FtiError } from '../base/index.ts'
import type { Value } from '../contract/index.ts'
import type { ColumnBatch } from '../engine/index.ts'
import { columnIn } from './batch-column.ts'
import { type ColumnEncoder, compileColumn } from './column-encoder.ts'
import { transformErrors } from './errors.ts'
import type { FittedTransforms } from './fitted-transforms.ts'

/** Turns rows into vectors for the network: the same function for a batch in training and for one row in serving. */
export interface Encoder {
  /** Numbers in a vector. */
  readonly width: number
  /** One name for each, such as `distance`, `distance_missing`, `carrier=UA`. */
  readonly names: readonly string[]
  /** Where each column's numbers lie in the vector. */
  readonly parts: readonly { readonly column: string; readonly start: number; readonly width: number }[]
  /** Writes one row's vector at `offset`. Values are in the order of the fitted columns. Allocates nothing. */
  encodeRow(values: readonly Value[], out: Float32Array, offset: number): void
  /** The vectors of all rows end to end, into `out` (it may lie on shared memory) or a new array. */
  encodeBatch(data: ColumnBatch, out?: Float32Array): Float32Array
}

export function compileEncoder(fitted: FittedTransforms): Encoder {
  const encoders: ColumnEncoder[] = []
  const starts: number[] = []
  let width = 0
  for (const column of fitted.columns) {
    const encoder = compileColumn(column)
    encoders.push(encoder)
    starts.push(width)
    width += encoder.names.length
  }
  const encodeRow = (values: readonly Value[], out: Float32Array, offset: number): void => {
    if (values.length !== encoders.length) refuseLength(values.length, encoders.length)
    out.fill(0, offset, offset + width)
    for (let i = 0; i < encoders.length; i++) {
      ;(encoders[i] as ColumnEncoder).value(values[i] as Value, out, offset + (starts[i] as number))
    }
  }
  const encodeBatch = (data: ColumnBatch, out = new Float32Array(data.rows * width)): Float32Array => {
    if (out.length !== data.rows * width) refuseLength(out.length, data.rows * width)
    out.fill(0)
    encoders.forEach((encoder, i) => {
      encodeColumn(encoder, data, { out, start: starts[i] as number, width })
    })
    return out
  }
  return {
    width,
    names: encoders.flatMap((encoder) => encoder.names),
    parts: encoders.map(({ column, names }, i) => ({
      column: column.name,
      start: starts[i] as number,
      width: names.length,
    })),
    encodeRow,
    encodeBatch,
  }
}

function encodeColumn(
  encoder: ColumnEncoder,
  data: ColumnBatch,
  { out, start, width }: { out: Float32Array; start: number; width: number },
): void {
  if (encoder.names.length === 0) return
  const column = columnIn(encoder.column, data)
  for (let row = 0, at = start; row < data.rows; row++, at += width) {
    if (column.kind === 'text') encoder.value(column.values[row] ?? null, out, at)
    else encoder.number(column.nulls[row] === 1 ? Number.NaN : (column.values[row] as number), out, at)
  }
}

function refuseLength(given: number, wanted: number): never {
  throw new FtiError(transformErrors.FTI_TRANSFORM_VALUE, {
    message: `${given} values were given, not ${wanted}`,
    remedy: 'report this: the values must be in the order of the signature',
  })
}
