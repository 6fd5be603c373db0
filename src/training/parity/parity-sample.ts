import type { Signature, Value } from '../../contract/index.ts'
import { type Engine, quoteName } from '../../engine/index.ts'
import type { GroupView } from '../../store/index.ts'

/** A training row by column; `_row` is its number. */
export type SampledRow = Readonly<Record<string, Value>>

/** Training rows at some distinct times, and the stored rows of the entities that they name. */
export interface ParitySample {
  readonly rows: readonly SampledRow[]
  /** Each group that the signature reads, with the rows of the sampled entities alone: the rest would be read for nothing. */
  readonly groups: readonly GroupView[]
}

export interface SampleRequest {
  readonly engine: Engine
  /** SQL of training rows with `_row`, keys, request columns and every column of the vector. */
  readonly examples: string
  readonly time: string
  readonly groups: ReadonlyMap<string, GroupView>
  readonly signature: Signature
  readonly signal?: AbortSignal | undefined
}

const sampledTimes = 16
const rowsPerTime = 16

export async function drawSample(request: SampleRequest): Promise<ParitySample> {
  const { engine, signature, signal } = request
  await engine.execute(`CREATE OR REPLACE TABLE _parity_rows AS ${sampleSql(request)}`, signal)
  const rows = await engine.rows<SampledRow>('SELECT * FROM _parity_rows ORDER BY _row', signal)
  const groups: GroupView[] = []
  for (const name of new Set(signature.groups.map(({ group }) => group))) {
    const view = request.groups.get(name)
    if (!view) throw new Error(`group ${name} was not opened`)
    const table = `_parity_group_${groups.length}`
    await engine.execute(`CREATE OR REPLACE TABLE ${table} AS ${sampledEntities(view, signature)}`, signal)
    groups.push({ ...view, raw: `SELECT * FROM ${table}` })
  }
  return { rows, groups }
}

/** Times spread by hash, so that the sample is the same in every run and favours no season. */
function sampleSql({ examples, time, signature }: SampleRequest): string {
  const at = quoteName(time)
  const { entityKeys, request, columns } = signature
  const sent = [...Object.keys(entityKeys), ...request.map(({ name }) => name)]
  const names = new Set(['_row', time, ...sent, ...columns.map(({ name }) => name)])
  return `WITH times AS (SELECT ${at} FROM (${examples}) GROUP BY ${at} ORDER BY hash(${at}), ${at} LIMIT ${sampledTimes})
    SELECT ${[...names].map(quoteName).join(', ')} FROM (${examples}) SEMI JOIN times USING (${at})
    QUALIFY row_number() OVER (PARTITION BY ${at} ORDER BY _row) <= ${rowsPerTime}`
}

/** A group may be read by more than one key, such as origin and destination: its entities are those of all. */
function sampledEntities({ raw, published }: GroupView, { groups }: Signature): string {
  const keys = Object.keys(published.contract.entity.key)
  const named = groups
    .filter(({ group }) => group === published.contract.group)
    .map(({ on }) => `SELECT ${keys.map((key) => quoteName(on[key] ?? key)).join(', ')} FROM _parity_rows`)
  return `SELECT * FROM (${raw}) WHERE (${keys.map(quoteName).join(', ')}) IN (${named.join(' UNION ')})`
}
