import { FtiError } from '../base/index.ts'
import type { Value } from '../contract/index.ts'
import { onlineErrors } from './errors.ts'
import type { OnlineValues, OnlineWant } from './reader.ts'
import { readRecord } from './server-sync.ts'
import { decodeRow, keyText } from './stored-text.ts'
import type { SyncState } from './sync-state.ts'
import type { OnlineValue } from './value.ts'

/** The wanted keys of one group, each once, as the server knows them. */
export interface WantedKeys {
  readonly group: string
  readonly contractVersion: number
  readonly keys: readonly string[]
}

/** What a server has of them: everything of one sync. */
export interface FetchedGroup {
  /** As stored; null when the group was never synced. */
  readonly state: string | null
  /** In the order of the keys; null or undefined for one that is not there. */
  readonly rows: readonly (string | null | undefined)[]
}

/** Several wants of one group become one, and a key that many instances share is asked for once. */
export function mergeWants(wants: readonly OnlineWant[]): WantedKeys[] {
  const merged = new Map<string, { group: string; contractVersion: number; keys: Set<string> }>()
  for (const { group, contractVersion, keys } of wants) {
    const name = tableName(group, contractVersion)
    let wanted = merged.get(name)
    if (wanted === undefined) {
      wanted = { group, contractVersion, keys: new Set() }
      merged.set(name, wanted)
    }
    for (const key of keys) {
      const text = keyText(key)
      if (text !== undefined) wanted.keys.add(text)
    }
  }
  return [...merged.values()].map((wanted) => ({ ...wanted, keys: [...wanted.keys] }))
}

/** `airport_departures:v2`; no group has a colon in its name. */
export function tableName(group: string, contractVersion: number): string {
  return `${group}:v${contractVersion}`
}

/** Remembers the states it has read, so that one sync is one object for its readers. */
export class StateMemory {
  private readonly seen = new Map<string, { readonly text: string; readonly state: SyncState }>()

  read(table: string, text: string): SyncState {
    const before = this.seen.get(table)
    if (before?.text === text) return before.state
    const record = readRecord(text)
    if (record === undefined) throw damaged(table)
    this.seen.set(table, { text, state: record.state })
    return record.state
  }
}

function damaged(table: string): FtiError {
  return new FtiError(onlineErrors.FTI_ONLINE_CORRUPT, {
    message: `what the last sync of ${table} left cannot be read`,
    place: table,
    remedy: "run 'fti feature sync': it writes the values anew",
  })
}

/** The values of one fetch. */
export class FetchedValues implements OnlineValues {
  private readonly tables = new Map<string, { readonly state: SyncState; readonly rows: Map<string, string> }>()

  constructor(wanted: readonly WantedKeys[], fetched: readonly FetchedGroup[], memory: StateMemory) {
    wanted.forEach(({ group, contractVersion, keys }, i) => {
      const { state, rows } = fetched[i] as FetchedGroup
      if (state === null) return
      const found = new Map<string, string>()
      keys.forEach((key, k) => {
        const row = rows[k]
        if (row !== null && row !== undefined) found.set(key, row)
      })
      const table = tableName(group, contractVersion)
      this.tables.set(table, { state: memory.read(table, state), rows: found })
    })
  }

  get(group: string, contractVersion: number, key: readonly Value[]): OnlineValue | undefined {
    const table = this.tables.get(tableName(group, contractVersion))
    const text = table && keyText(key)
    const row = text === undefined ? undefined : table?.rows.get(text)
    if (table === undefined || row === undefined) return undefined
    const [values, eventTimeMs, availableAtMs] = decodeRow(row)
    return { features: table.state.features, values, eventTimeMs, availableAtMs }
  }

  state(group: string, contractVersion: number): SyncState | undefined {
    return this.tables.get(tableName(group, contractVersion))?.state
  }
}
