import type { Stats } from 'node:fs'
import type { EmbeddedLocation, Value } from '../../contract/index.ts'
import { encodeKey } from '../key.ts'
import type { OnlineReader, OnlineValues, ReaderOptions } from '../reader.ts'
import type { SyncState } from '../sync-state.ts'
import type { OnlineValue, StoredValue } from '../value.ts'
import type { Environment, OpenFinished } from './environment.ts'
import { isNewest, namespacesPath, newestNamespace, statNamespace } from './namespace.ts'

/** How long a namespace is taken for the newest without looking: a sync is seen after this at the latest. */
const trustedMs = 100

/** One group and contract version. */
interface Table {
  readonly folder: string
  lookedAt: number
  open: OpenNamespace | undefined
  /** The trouble that was told last, so that it is told once and not with every lookup. */
  toldOf: string | undefined
}

interface OpenNamespace {
  readonly number: number
  readonly stats: Stats
  readonly state: SyncState
  readonly environment: Environment
}

/** Never waits: a lookup reads mapped memory, about 2 µs. */
export class LmdbReader implements OnlineReader, OnlineValues {
  private readonly location: EmbeddedLocation
  private readonly openFinished: OpenFinished
  private readonly onTrouble: ReaderOptions['onTrouble']
  private readonly tables = new Map<string, Map<number, Table>>()
  private readonly closing = new Set<Promise<void>>()
  private now = 0

  constructor(location: EmbeddedLocation, openFinished: OpenFinished, onTrouble: ReaderOptions['onTrouble']) {
    this.location = location
    this.openFinished = openFinished
    this.onTrouble = onTrouble
  }

  /** The clock is read once for each fetch: so all lookups after it, until the next one, are in one sync of a group. */
  fetch(): OnlineValues {
    this.now = performance.now()
    return this
  }

  trouble(): string | undefined {
    for (const versions of this.tables.values())
      for (const { toldOf } of versions.values()) if (toldOf !== undefined) return toldOf
    return undefined
  }

  get(group: string, contractVersion: number, key: readonly Value[]): OnlineValue | undefined {
    const { open } = this.follow(group, contractVersion)
    if (open === undefined) return undefined
    const encoded = encodeKey(key)
    if (encoded === undefined) return undefined
    const stored = open.environment.get(encoded) as StoredValue | undefined
    const { features } = open.state
    return stored && { features, values: stored[0], eventTimeMs: stored[1], availableAtMs: stored[2] }
  }

  state(group: string, contractVersion: number): SyncState | undefined {
    return this.follow(group, contractVersion).open?.state
  }

  async close(): Promise<void> {
    for (const versions of this.tables.values()) for (const table of versions.values()) this.release(table)
    this.tables.clear()
    await Promise.all(this.closing)
  }

  private follow(group: string, contractVersion: number): Table {
    const table = this.tables.get(group)?.get(contractVersion) ?? this.addTable(group, contractVersion)
    const { now } = this
    if (now - table.lookedAt <= trustedMs) return table
    table.lookedAt = now
    if (table.open !== undefined && isNewest(table.folder, table.open.number, table.open.stats)) return table
    this.switchToNewest(table)
    return table
  }

  private addTable(group: string, contractVersion: number): Table {
    const folder = namespacesPath(this.location, group, contractVersion)
    const table: Table = { folder, lookedAt: Number.NEGATIVE_INFINITY, open: undefined, toldOf: undefined }
    const versions = this.tables.get(group)
    if (versions) versions.set(contractVersion, table)
    else this.tables.set(group, new Map([[contractVersion, table]]))
    return table
  }

  /** Where the newest cannot be opened, or all are gone, the values already mapped go on being served. */
  private switchToNewest(table: Table): void {
    try {
      const newest = newestNamespace(table.folder)
      const stats = newest && statNamespace(table.folder, newest.number)
      if (!newest || !stats) return
      const environment = this.openFinished(newest.path, newest.record)
      this.release(table)
      table.open = { number: newest.number, stats, state: newest.record.state, environment }
      table.toldOf = undefined
    } catch (error) {
      if (this.onTrouble === undefined && table.open === undefined) throw error
      const trouble = String(error)
      if (trouble !== table.toldOf) this.onTrouble?.(error)
      table.toldOf = trouble
    }
  }

  private release(table: Table): void {
    if (!table.open) return
    const closed: Promise<void> = table.open.environment.close().finally(() => this.closing.delete(closed))
    this.closing.add(closed)
    table.open = undefined
  }
}
