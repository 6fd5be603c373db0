import { canonicalJson } from '../../base/index.ts'
import { columnOf, type Signature } from '../../contract/index.ts'
import { type ColumnBatch, type Engine, quoteName } from '../../engine/index.ts'
import type { VersionFiles } from '../../registry/index.ts'
import { importOnDemand } from '../../scoring/index.ts'
import { type GroupView, openGroup, whileReading } from '../../store/index.ts'
import { joinFeatures } from '../dataset/join-features.ts'
import { addOnDemandColumns, onDemandSpec } from '../dataset/on-demand-columns.ts'

/** Whether every column of `signature` is computed in `other` in the very same way. */
export function readsTheSame(
  signature: Signature,
  onDemandDigest: string | undefined,
  other: Signature,
  otherDigest: string | undefined,
): boolean {
  const [own, others] = [originsOf(signature, onDemandDigest), originsOf(other, otherDigest)]
  return signature.columns.every(({ name }) => own.get(name) === others.get(name))
}

/** Column -> what its values depend on. */
function originsOf(signature: Signature, onDemandDigest: string | undefined): Map<string, string> {
  const origins = new Map<string, string>(signature.request.map(({ name, type }) => [name, `request ${type}`]))
  for (const selection of signature.groups) {
    const { group, contractVersion, on, maxAgeMs } = selection
    for (const feature of selection.pick)
      origins.set(columnOf(selection, feature), canonicalJson({ group, contractVersion, on, maxAgeMs, feature }))
  }
  for (const name of Object.keys(signature.onDemand?.outputs ?? {})) origins.set(name, `code ${onDemandDigest}`)
  return origins
}

export interface ColumnsRequest {
  readonly engine: Engine
  readonly store: string
  /** SQL of rows with `_row` and every column that a caller of the version would send. */
  readonly examples: string
  readonly time: string
  readonly files: VersionFiles
  readonly signature: Signature
  readonly signal?: AbortSignal | undefined
}

/** The columns of another version's vector for given rows, in their order: joined and computed as it would have been served. */
export async function columnsFor(request: ColumnsRequest): Promise<ColumnBatch> {
  const { engine, examples, time, signature, files, signal } = request
  const sent = new Set([time, ...sentColumns(signature)])
  const joined = `_opponent_${files.version}`
  await engine.execute(`DROP TABLE IF EXISTS ${joined}`)
  const groups = await openGroups(request)
  const spine = `SELECT ${[...sent].map(quoteName).join(', ')} FROM (${examples}) ORDER BY _row`
  await whileReading(
    [...groups.values()].map(({ snapshot }) => snapshot),
    () => joinFeatures(engine, { signature, groups, spine, time, output: joined, signal }),
  )
  const names = signature.columns.map(({ name }) => quoteName(name)).join(', ')
  if (!signature.onDemand) return engine.columns(`SELECT ${names} FROM ${joined} ORDER BY _row`, signal)
  const run = await importOnDemand(await files.read('on-demand.mjs'), files.path)
  const computed = `${joined}_on_demand`
  await engine.execute(`DROP TABLE IF EXISTS ${computed}`)
  await addOnDemandColumns(engine, run, onDemandSpec(signature), { from: joined, to: computed, signal })
  return engine.columns(`SELECT ${names} FROM ${joined} JOIN ${computed} USING (_row) ORDER BY _row`, signal)
}

/** What a caller of a version sends: entity keys and request columns. */
export function sentColumns({ entityKeys, request }: Signature): string[] {
  return [...Object.keys(entityKeys), ...request.map(({ name }) => name)]
}

async function openGroups({ store, signature }: ColumnsRequest): Promise<Map<string, GroupView>> {
  const groups = new Map<string, GroupView>()
  for (const { group, contractVersion } of signature.groups)
    groups.set(group, await openGroup(store, group, { contractVersion }))
  return groups
}
