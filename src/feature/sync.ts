import type { Engine } from '../engine/index.ts'
import { onlineRows, onlineSelect, type SyncState, syncOnline } from '../online/index.ts'
import type { Project } from '../project/index.ts'
import { knownAt, openGroup } from '../store/index.ts'

export interface SyncOptions {
  readonly now: Date
  /** A moment of the past: the online store is put there (the replay clock). */
  readonly asOf?: Date | undefined
  /** The newest unless given. */
  readonly contractVersion?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** Copies the latest known values of a group to the online store. */
export async function syncGroup(
  engine: Engine,
  project: Pick<Project, 'store' | 'online'>,
  group: string,
  { now, asOf, contractVersion, signal }: SyncOptions,
): Promise<SyncState> {
  const view = await openGroup(project.store, group, { contractVersion })
  const { contract, version } = view.published
  return syncOnline(project.online, {
    group,
    contractVersion: version,
    keys: Object.keys(contract.entity.key),
    features: contract.features.map((feature) => feature.name),
    snapshot: view.reference.snapshot,
    asOf: asOf ?? null,
    now,
    rows: onlineRows(engine.stream(onlineSelect(contract, knownAt(view, asOf ?? now)), signal), contract),
    signal,
  })
}
