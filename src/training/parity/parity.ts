import { openStaging, throwIfCancelled } from '../../base/index.ts'
import type { Signature, Value } from '../../contract/index.ts'
import { onlineRows, onlineSelect, openOnlineReader, syncOnline } from '../../online/index.ts'
import { type FeatureLookup, lookupMaker, type Scorer } from '../../scoring/index.ts'
import { type GroupView, knownAt, whileReading } from '../../store/index.ts'
import type { Encoder } from '../../transform/index.ts'
import { drawSample, type SampledRow, type SampleRequest } from './parity-sample.ts'

/** One value that serving computed differently from training. */
export interface Difference {
  readonly row: number
  readonly column: string
  readonly trained: Value
  readonly served: Value
}

export interface Parity {
  readonly passed: boolean
  readonly times: number
  readonly rows: number
  /** How many were compared: before and after the model-dependent transforms. */
  readonly values: number
  /** The first few; values are compared exactly. */
  readonly differences: readonly Difference[]
}

export interface ParityInput extends Omit<SampleRequest, 'signature'> {
  readonly scorer: Scorer
  readonly encoder: Encoder
  /** Folder for the temporary online stores. */
  readonly folder: string
}

const mostDifferences = 20

/**
 * Sends stored rows through the served path and compares with training, value by value: for each of 16 prediction
 * times the groups are synced to a temporary online store as of that time, and the scorer looks up what it finds there.
 */
export async function checkParity(input: ParityInput): Promise<Parity> {
  const { time, scorer, signal } = input
  const read = [...input.groups.values()].map(({ snapshot }) => snapshot)
  const { rows, groups } = await whileReading(read, () => drawSample({ ...input, signature: scorer.signature }))
  const byTime = new Map<string, SampledRow[]>()
  for (const row of rows) byTime.set(String(row[time]), [...(byTime.get(String(row[time])) ?? []), row])
  const differences: Difference[] = []
  for (const [moment, members] of byTime) {
    throwIfCancelled(signal)
    differences.push(...(await compareAt(input, groups, new Date(moment), members)))
  }
  return {
    // A comparison of nothing proves nothing.
    passed: rows.length > 0 && differences.length === 0,
    times: byTime.size,
    rows: rows.length,
    values: rows.length * (scorer.signature.columns.length + input.encoder.width),
    differences: differences.slice(0, mostDifferences),
  }
}

async function compareAt(
  input: ParityInput,
  groups: readonly GroupView[],
  moment: Date,
  rows: readonly SampledRow[],
): Promise<Difference[]> {
  const { path, discard } = await openStaging(input.folder)
  try {
    for (const view of groups) await syncAt(input, view, moment, path)
    const reader = await openOnlineReader({ kind: 'lmdb', path })
    try {
      const instances = rows.map((row) => instanceOf(input.scorer.signature, row))
      const lookup = lookupMaker()(await reader.fetch(() => input.scorer.wants(instances)))
      return rows.flatMap((row) => compareRow(input, row, lookup, moment))
    } finally {
      await reader.close()
    }
  } finally {
    await discard()
  }
}

async function syncAt({ engine, signal }: ParityInput, view: GroupView, moment: Date, path: string): Promise<void> {
  const { contract, version } = view.published
  await syncOnline(
    { kind: 'lmdb', path },
    {
      group: contract.group,
      contractVersion: version,
      keys: Object.keys(contract.entity.key),
      features: contract.features.map((feature) => feature.name),
      snapshot: view.reference.snapshot,
      asOf: moment,
      now: moment,
      rows: onlineRows(engine.stream(onlineSelect(contract, knownAt(view, moment)), signal), contract),
      signal,
    },
  )
}

function compareRow(
  { scorer, encoder }: ParityInput,
  row: SampledRow,
  lookup: FeatureLookup,
  moment: Date,
): Difference[] {
  const { signature } = scorer
  const number = Number(row['_row'])
  const differences: Difference[] = []
  const compare = (column: string, trained: Value, served: Value) => {
    // NaN is NaN, and the sign of a zero changes no prediction.
    if (!Object.is(trained, served) && trained !== served) differences.push({ row: number, column, trained, served })
  }
  const [served, trained] = [new Float32Array(encoder.width), new Float32Array(encoder.width)]
  const { values } = scorer.vectorize(instanceOf(signature, row), lookup, moment.getTime(), served, 0)
  signature.columns.forEach(({ name }, index) => {
    compare(name, row[name] ?? null, values[index] ?? null)
  })
  encoder.encodeRow(
    signature.columns.map(({ name }) => row[name] ?? null),
    trained,
    0,
  )
  trained.forEach((value, index) => {
    compare(encoder.names[index] ?? '', value, served[index] ?? null)
  })
  return differences
}

/** What a caller would send for this row. */
function instanceOf(signature: Signature, row: SampledRow): SampledRow {
  const names = [...Object.keys(signature.entityKeys), ...signature.request.map(({ name }) => name)]
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
}
