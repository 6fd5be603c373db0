import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory, throwIfCancelled } from '../base/index.ts'
import type { Signature, SignatureGroup, Value } from '../contract/index.ts'
import { type Engine, quoteName, quoteText } from '../engine/index.ts'
import { onlineRows, onlineSelect, openOnlineReader, syncOnline } from '../online/index.ts'
import { type Scorer, toSignatureLookup } from '../scoring/index.ts'
import { duckdbType, type GroupView, knownAt } from '../store/index.ts'
import type { Encoder } from '../transform/index.ts'

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
  readonly values: number
  /** The first few; values are compared exactly. */
  readonly differences: readonly Difference[]
}

export interface ParityInput {
  readonly engine: Engine
  /** SQL of training rows with `_row`, keys, request columns and every column of the vector. */
  readonly examples: string
  readonly time: string
  readonly groups: ReadonlyMap<string, GroupView>
  readonly scorer: Scorer
  readonly encoder: Encoder
  /** Folder for the temporary online stores. */
  readonly folder: string
  readonly signal?: AbortSignal | undefined
}

const sampledTimes = 16
const rowsPerTime = 16
const mostDifferences = 20

type Row = Readonly<Record<string, Value>>

/**
 * Sends stored rows through the served path and compares with training, value by value: for each of 16 prediction
 * times the groups are synced to a temporary online store as of that time, and the scorer looks up what it finds there.
 */
export async function checkParity(input: ParityInput): Promise<Parity> {
  const { engine, time, signal } = input
  const rows = await engine.rows<Row>(sampleSql(input))
  const byTime = new Map<string, Row[]>()
  for (const row of rows) byTime.set(String(row[time]), [...(byTime.get(String(row[time])) ?? []), row])
  const differences: Difference[] = []
  let values = 0
  for (const [moment, members] of byTime) {
    throwIfCancelled(signal)
    values += await compareAt(input, new Date(moment), members, differences)
  }
  return {
    // A comparison of nothing proves nothing.
    passed: rows.length > 0 && differences.length === 0,
    times: byTime.size,
    rows: rows.length,
    values,
    differences: differences.slice(0, mostDifferences),
  }
}

/** Times spread by hash, so that the sample is the same in every run and favours no season. */
function sampleSql({ examples, time, scorer }: ParityInput): string {
  const at = quoteName(time)
  const { entityKeys, request, columns } = scorer.signature
  const names = new Set([
    '_row',
    time,
    ...Object.keys(entityKeys),
    ...request.map(({ name }) => name),
    ...columns.map(({ name }) => name),
  ])
  return `WITH times AS (SELECT ${at} FROM (${examples}) GROUP BY ${at} ORDER BY hash(${at}), ${at} LIMIT ${sampledTimes})
    SELECT ${[...names].map(quoteName).join(', ')} FROM (${examples}) SEMI JOIN times USING (${at})
    QUALIFY row_number() OVER (PARTITION BY ${at} ORDER BY _row) <= ${rowsPerTime} ORDER BY _row`
}

async function compareAt(
  input: ParityInput,
  moment: Date,
  rows: readonly Row[],
  differences: Difference[],
): Promise<number> {
  const { scorer, encoder, folder } = input
  await makeDirectory(folder)
  const path = await mkdtemp(join(folder, 'parity-'))
  try {
    for (const group of scorer.signature.groups) await syncKeys(input, group, moment, rows, path)
    const reader = await openOnlineReader({ kind: 'lmdb', path })
    try {
      const lookup = toSignatureLookup(reader)
      const served = new Float32Array(encoder.width)
      const trained = new Float32Array(encoder.width)
      for (const row of rows) {
        const info = scorer.vectorize(instanceOf(scorer.signature, row), lookup, moment.getTime(), served, 0)
        compareRow(scorer.signature, row, info.values, differences)
        encoder.encodeRow(
          scorer.signature.columns.map(({ name }) => row[name] ?? null),
          trained,
          0,
        )
        compareVectors(encoder, Number(row['_row']), trained, served, differences)
      }
    } finally {
      reader.close()
    }
  } finally {
    await rm(path, { recursive: true, force: true })
  }
  return rows.length * (scorer.signature.columns.length + encoder.width)
}

/** Only the sampled entities: the path is the same and the rest would be copied sixteen times for nothing. */
async function syncKeys(input: ParityInput, group: SignatureGroup, moment: Date, rows: readonly Row[], path: string) {
  const view = input.groups.get(group.group)
  if (!view) throw new Error(`group ${group.group} was not opened`)
  const { contract, version } = view.published
  const keys = Object.entries(contract.entity.key)
  const tuples = rows.map(
    (row) => `(${keys.map(([key, type]) => cast(row[group.on[key] ?? key] ?? null, duckdbType(type))).join(', ')})`,
  )
  const only = `(${keys.map(([key]) => quoteName(key)).join(', ')}) IN (${[...new Set(tuples)].join(', ')})`
  await syncOnline(
    { kind: 'lmdb', path },
    {
      group: group.group,
      contractVersion: version,
      keys: keys.map(([key]) => key),
      features: contract.features.map((feature) => feature.name),
      snapshot: view.reference.snapshot,
      asOf: moment,
      now: moment,
      rows: onlineRows(input.engine.stream(onlineSelect(contract, knownAt(view, moment, only))), contract),
      signal: input.signal,
    },
  )
}

function cast(value: Value, type: string): string {
  return value === null ? `CAST(NULL AS ${type})` : `CAST(${quoteText(String(value))} AS ${type})`
}

function instanceOf(signature: Signature, row: Row): Row {
  const names = [...Object.keys(signature.entityKeys), ...signature.request.map(({ name }) => name)]
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
}

function compareRow(signature: Signature, row: Row, served: readonly Value[], differences: Difference[]): void {
  signature.columns.forEach(({ name }, index) => {
    const [a, b] = [row[name] ?? null, served[index] ?? null]
    if (!Object.is(a, b)) differences.push({ row: Number(row['_row']), column: name, trained: a, served: b })
  })
}

function compareVectors(
  encoder: Encoder,
  row: number,
  trained: Float32Array,
  served: Float32Array,
  differences: Difference[],
): void {
  for (let i = 0; i < trained.length; i++) {
    if (Object.is(trained[i], served[i])) continue
    differences.push({ row, column: encoder.names[i] ?? '', trained: trained[i] ?? null, served: served[i] ?? null })
  }
}
