import type { Signature } from '../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../engine/index.ts'
import type { SplitData } from './matrix.ts'

/** Reads one split of a training dataset: the columns of the vector, the label, and the columns to slice by. */
export async function readSplit(
  engine: Engine,
  path: string,
  signature: Signature,
  slices: readonly string[],
  signal?: AbortSignal,
): Promise<SplitData> {
  const names = [...new Set([...signature.columns.map(({ name }) => name), ...slices])]
  // In the order of the file, which is that of `_row`: the engine keeps it.
  const columns = await engine.columns(
    `SELECT ${names.map(quoteName).join(', ')}, _label FROM read_parquet(${quoteText(path)})`,
    signal,
  )
  const label = columns.columns['_label']
  if (label?.kind !== 'number') throw new Error('a training dataset has no label column')
  return { columns, labels: label.values }
}
