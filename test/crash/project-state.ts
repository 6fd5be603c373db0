import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { sha256 } from '../../src/base/index.ts'
import type { Value } from '../../src/contract/index.ts'
import type { Engine } from '../../src/engine/index.ts'
import { openOnlineReader } from '../../src/online/index.ts'
import { journalHead, listVersions, readJournal, verifyRegistry } from '../../src/registry/index.ts'
import { listRuns } from '../../src/runs/index.ts'
import {
  latestContract,
  listDatasets,
  openGroup,
  rawRelation,
  readDataset,
  readHistory,
  readProfile,
  readSnapshot,
  tablePath,
} from '../../src/store/index.ts'

const group = 'station_days'
const model = 'busy_day'

/** What readers of the feature store and the online store can tell apart; reading it proves that they can be read. */
export interface FeatureState {
  readonly contract: number | null
  readonly commits: number
  /** Digest of every stored row but for the clock in it. */
  readonly rows: string
  readonly profiled: boolean
  /** Digest of the value that each key has online. */
  readonly online: string
}

export async function featureState(engine: Engine, directory: string): Promise<FeatureState> {
  const store = join(directory, 'store')
  const contract = await latestContract(store, group)
  const table = tablePath(store, group, 1)
  const history = await readHistory(table)
  const snapshot = await readSnapshot(table)
  expect(history.map(({ version }) => version)).toEqual(Array.from(history, (_, i) => history.length - 1 - i))
  let rows: object[] = []
  if (contract && snapshot) {
    const stored = rawRelation(snapshot, contract.contract)
    rows = await engine.rows(
      `SELECT * REPLACE (_available_at = _committed_at AS _available_at, NULL AS _committed_at) FROM (${stored}) ORDER BY _sequence`,
    )
    expect(rows).toHaveLength(snapshot.rows)
  }
  return {
    contract: contract?.revision ?? null,
    commits: history.length,
    rows: sha256(JSON.stringify(rows)),
    profiled:
      snapshot !== undefined && (await readProfile(store, (await openGroup(store, group)).reference)) !== undefined,
    online: await onlineValues(directory),
  }
}

/** Names what a feature run has left that did not end well; throws where it lies between before and after. */
export function featureOutcome(left: FeatureState, before: FeatureState, after: FeatureState): string {
  expect(left.rows).toBeOneOf([before.rows, after.rows])
  expect(left.commits).toBe(left.rows === after.rows ? after.commits : before.commits)
  if (left.rows === before.rows) {
    expect(left.online).toBe(before.online)
    return left.contract === before.contract ? 'before' : 'with the contract alone'
  }
  expect(left.contract).toBe(after.contract)
  expect(left.online).toBeOneOf([before.online, after.online])
  if (left.online === after.online) return 'after'
  return left.profiled ? 'committed and profiled' : 'committed'
}

const stations = ['harbour', 'museum', 'old_town', 'stadium']
const days = Array.from({ length: 50 }, (_, day) => new Date(Date.UTC(2025, 2, 3 + day)).toISOString().slice(0, 10))

async function onlineValues(directory: string): Promise<string> {
  const reader = await openOnlineReader({ kind: 'lmdb', path: join(directory, '.fti/online') })
  try {
    const online = await reader.fetch(() => [])
    const found: (readonly Value[] | null)[] = []
    for (const day of days) {
      for (const station of stations) found.push(online.get(group, 1, [station, day])?.values ?? null)
    }
    expect(found.filter((values) => values !== null)).toHaveLength(online.state(group, 1)?.rows ?? 0)
    return sha256(JSON.stringify(found))
  } finally {
    await reader.close()
  }
}

/** What readers of a model's registry can tell apart. Nothing in it may be corrupt at any time. */
export interface RegistryState {
  readonly entries: number
  readonly tags: Readonly<Record<string, number>>
  readonly versions: readonly string[]
}

export async function registryState(directory: string): Promise<RegistryState> {
  const registry = join(directory, 'registry')
  expect((await verifyRegistry(registry)).filter(({ severity }) => severity === 'corrupt')).toEqual([])
  const journal = await readJournal(registry, model)
  expect(journal.map(({ entry }) => entry)).toEqual(Array.from(journal, (_, i) => i + 1))
  const versions = await listVersions(registry, model)
  return {
    entries: journal.length,
    tags: (await journalHead(registry, model)).tags,
    versions: versions.map((each) => `${each.version} ${each.state} ${each.tags}`),
  }
}

/** Every training dataset is whole: reading one compares its digests. */
export async function countDatasets(directory: string): Promise<number> {
  const store = join(directory, 'store')
  const datasets = await listDatasets(store, model)
  for (const { id } of datasets) await readDataset(store, model, id)
  return datasets.length
}

export async function expectReadableRuns(directory: string): Promise<void> {
  const runs = await listRuns(join(directory, '.fti'))
  expect(runs.map(({ status }) => status).filter((status) => status === 'corrupt' || status === 'running')).toEqual([])
}

/** What only a dead process can have left, since none runs: staged files, locks, scratch folders, rows that no commit names. */
export async function leftoversIn(directory: string, of = group): Promise<string[]> {
  const names = await readdir(directory, { recursive: true })
  const table = tablePath(join(directory, 'store'), of, 1)
  // The files of older snapshots are no leftovers: a compaction keeps them for their readers.
  const versions = (await readHistory(table)).map(({ version }) => version)
  const snapshots = await Promise.all(versions.map((version) => readSnapshot(table, version)))
  const named = snapshots.flatMap((snapshot) => snapshot?.files.map(({ path }) => path) ?? [])
  const parts = (await readdir(table).catch(() => [] as string[])).filter((name) => name.endsWith('.parquet'))
  return [
    ...names.filter((name) => /(^|\/)(\.staging-|parity-)[^/]*$|\.lock$|\.takeover$/.test(name)),
    ...parts.filter((name) => !named.includes(name)),
  ]
}
