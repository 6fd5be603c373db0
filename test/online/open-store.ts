import {
  type OnlineLocation,
  type OnlineReader,
  type OnlineRow,
  type OnlineValue,
  openOnlineReader,
  type SyncRequest,
  type SyncState,
  syncOnline,
} from '../../src/online/index.ts'
import type { StoreUnderTest } from './stores.ts'

export const row = (key: OnlineRow['key'], seats: number | null, eventTimeMs: number | null = null): OnlineRow => ({
  key,
  values: [seats, 'A320'],
  eventTimeMs,
  availableAtMs: 5,
})

/** The longest that a reader takes to see a sync. */
export const seen = () => new Promise((resolve) => setTimeout(resolve, 120))

/** A place of its own in a store, with a reader, and a group of aircraft to sync. */
export class OpenStore {
  readonly location: OnlineLocation
  readonly reader: OnlineReader
  readonly damage: () => Promise<void>

  private constructor(location: OnlineLocation, reader: OnlineReader, damage: () => Promise<void>) {
    this.location = location
    this.reader = reader
    this.damage = damage
  }

  static async open(store: StoreUnderTest): Promise<OpenStore> {
    const location = store.place()
    return new OpenStore(location, await openOnlineReader(location), () => store.damage(location))
  }

  request(rows: OnlineRow[], extra: Partial<SyncRequest> = {}): SyncRequest {
    return {
      group: 'aircraft',
      contractVersion: 1,
      keys: ['tailnum'],
      features: ['seats', 'model'],
      snapshot: 3,
      asOf: null,
      now: new Date('2026-05-01T00:00:00Z'),
      rows: [rows],
      ...extra,
    }
  }

  sync(rows: OnlineRow[], extra: Partial<SyncRequest> = {}): Promise<SyncState> {
    return syncOnline(this.location, this.request(rows, extra))
  }

  async lookAll(keys: OnlineRow['key'][], group = 'aircraft', contractVersion = 1) {
    const values = await this.reader.fetch(() => [{ group, contractVersion, keys }])
    return keys.map((key) => values.get(group, contractVersion, key))
  }

  async look(key: OnlineRow['key'], group?: string, version?: number): Promise<OnlineValue | undefined> {
    return (await this.lookAll([key], group, version))[0]
  }

  async seats(key: string) {
    return (await this.look([key]))?.values[0]
  }

  async stateOf(group = 'aircraft', contractVersion = 1): Promise<SyncState | undefined> {
    const values = await this.reader.fetch(() => [{ group, contractVersion, keys: [] }])
    return values.state(group, contractVersion)
  }
}
