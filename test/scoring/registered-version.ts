import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Signature, Value } from '../../src/contract/index.ts'
import type { ColumnBatch } from '../../src/engine/index.ts'
import { compileNetwork, encodeNetwork, type NetworkWeights } from '../../src/model/index.ts'
import { type OnlineLocation, type OnlineRow, syncOnline } from '../../src/online/index.ts'
import { moveTag, openDraft } from '../../src/registry/index.ts'
import { type Golden, goldenJson } from '../../src/scoring/index.ts'
import { compileEncoder, fitTransforms } from '../../src/transform/index.ts'

/** A small model like the one of the flights template, made without training: its weights are random, its files real. */
export const lateDeparture: Signature = {
  format: 1,
  task: 'binary',
  entityKeys: { origin: 'string', tailnum: 'string' },
  request: [
    { name: 'carrier', type: 'string' },
    { name: 'distance', type: 'float64', range: [0, 6000] },
    { name: 'stops', type: 'int32' },
    { name: 'scheduled_at', type: 'timestamp' },
  ],
  groups: [
    {
      group: 'airport_departures',
      contractVersion: 2,
      on: { origin: 'origin' },
      pick: ['delay_mean_1h', 'departures_3h'],
      key: { origin: 'string' },
      types: { delay_mean_1h: 'float64', departures_3h: 'int32' },
      isStatic: false,
      maxAgeMs: 6 * 3_600_000,
    },
    {
      group: 'aircraft',
      contractVersion: 1,
      on: { tailnum: 'tailnum' },
      pick: ['seats'],
      key: { tailnum: 'string' },
      types: { seats: 'int32' },
      isStatic: true,
    },
  ],
  onDemand: { inputs: ['scheduled_at'], outputs: { hour: 'float64' } },
  columns: [
    { name: 'delay_mean_1h', type: 'float64' },
    { name: 'departures_3h', type: 'int32' },
    { name: 'seats', type: 'int32' },
    { name: 'carrier', type: 'string' },
    { name: 'distance', type: 'float64' },
    { name: 'stops', type: 'int32' },
    { name: 'hour', type: 'float64' },
  ],
  output: { name: 'probability', type: 'float64' },
}

export const hourOfDay =
  'export default (row) => ({ hour: row.scheduled_at === null ? null : new Date(row.scheduled_at).getUTCHours() })'

const number = (...values: number[]): ColumnBatch['columns'][string] => ({
  kind: 'number',
  values: Float64Array.from(values),
  nulls: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0)),
})

const trainRows: ColumnBatch = {
  rows: 4,
  columns: {
    delay_mean_1h: number(1, 12, Number.NaN, 30),
    departures_3h: number(10, 20, 30, 40),
    seats: number(100, Number.NaN, 180, 300),
    carrier: { kind: 'text', values: ['UA', 'AA', 'UA', 'DL'] },
    distance: number(200, 1000, 2500, 700),
    stops: number(0, 0, 1, 2),
    hour: number(6, 9, 15, 22),
  },
}

/** The rows that `fitTransforms` sees; a column that only one test has gets four numbers. */
function trainOn(signature: Signature): ColumnBatch {
  const columns = signature.columns.map(({ name }) => [name, trainRows.columns[name] ?? number(0, 1, 2, 3)])
  return { rows: trainRows.rows, columns: Object.fromEntries(columns) }
}

const goldenRow: Readonly<Record<string, Value>> = { delay_mean_1h: 12.5, departures_3h: 20, carrier: 'UA', hour: 9 }

export interface VersionOptions {
  readonly model?: string
  /** Versions of different seeds give different answers. */
  readonly seed?: number
  readonly signature?: Signature
  /** Files to write instead of, or beside, the right ones; null leaves one out. */
  readonly files?: Readonly<Record<string, string | Uint8Array | null>>
  readonly tag?: string | undefined
}

/** Registers a version, by default with the tag `champion` on it; returns its number. */
export async function registerVersion(registry: string, options: VersionOptions = {}): Promise<number> {
  const { model = 'late_departure', seed = 1, signature = lateDeparture, tag = 'champion' } = options
  const fitted = fitTransforms(signature.columns, trainOn(signature))
  const encoder = compileEncoder(fitted)
  const weights = randomNetwork(encoder.width, seed)
  const { modelJson, weightsBin } = encodeNetwork(weights)
  const files: Record<string, string | Uint8Array | null> = {
    'signature.json': JSON.stringify(signature),
    'transforms.json': JSON.stringify(fitted),
    'model.json': modelJson,
    'weights.bin': weightsBin,
    'golden.json': goldenJson(goldenOf(signature, encoder, weights)),
    'on-demand.mjs': hourOfDay,
    ...options.files,
  }
  const draft = await openDraft(registry, model)
  for (const [name, content] of Object.entries(files)) {
    if (content !== null) writeFileSync(join(draft.path, name), content)
  }
  const now = new Date()
  const { version } = await draft.register({ by: 'test', summary: {}, now })
  if (options.tag !== undefined || !('tag' in options))
    await moveTag(registry, model, { tag, to: version, by: 'test', now })
  return version
}

function goldenOf(signature: Signature, encoder: ReturnType<typeof compileEncoder>, weights: NetworkWeights): Golden {
  const network = compileNetwork(weights)
  const vector = new Float32Array(encoder.width)
  const rows = [goldenRow, {} as typeof goldenRow].map((row) => {
    const values = signature.columns.map(({ name }) => row[name] ?? null)
    encoder.encodeRow(values, vector, 0)
    return { values, output: network.predict(vector, 0) }
  })
  return { format: 1, tolerance: 1e-6, rows }
}

function randomNetwork(inputs: number, seed: number): NetworkWeights {
  let state = seed
  // Park and Miller's generator: the same numbers on every machine.
  const random = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647 - 0.5
  }
  const floats = (length: number) => Float32Array.from({ length }, random)
  return {
    inputs,
    layers: [
      { units: 8, activation: 'relu', kernel: floats(inputs * 8), bias: floats(8) },
      { units: 1, activation: 'sigmoid', kernel: floats(8), bias: floats(1) },
    ],
  }
}

export const noon = Date.parse('2013-12-12T12:00:00Z')

/** Newest values at noon of 12 December 2013: EWR ten minutes old unless told, JFK seven hours, LGA an hour ahead; two aircraft. */
export async function syncFeatures(online: OnlineLocation, asOf: Date | null = null, ewrAgo = 10): Promise<void> {
  const minutes = (count: number) => noon - count * 60_000
  const airport = (origin: string, delay: number, ago: number): OnlineRow => ({
    key: [origin],
    values: [5, delay, 20],
    eventTimeMs: minutes(ago),
    availableAtMs: minutes(ago),
  })
  const now = new Date()
  await syncOnline(online, {
    group: 'airport_departures',
    contractVersion: 2,
    keys: ['origin'],
    features: ['unused', 'delay_mean_1h', 'departures_3h'],
    snapshot: 17,
    asOf,
    now,
    rows: [[airport('EWR', 12.5, ewrAgo), airport('JFK', 3, 7 * 60), airport('LGA', 4, -60)]],
  })
  await syncOnline(online, {
    group: 'aircraft',
    contractVersion: 1,
    keys: ['tailnum'],
    features: ['seats'],
    snapshot: 3,
    asOf,
    now,
    rows: [
      [['N1', 180] as const, ['N2', 55] as const].map(([tailnum, seats]) => ({
        key: [tailnum],
        values: [seats],
        eventTimeMs: null,
        availableAtMs: 0,
      })),
    ],
  })
}
