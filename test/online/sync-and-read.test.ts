import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  listSyncStates,
  type OnlineLocation,
  type OnlineReader,
  type OnlineRow,
  openOnlineReader,
  type SyncRequest,
  syncOnline,
} from '../../src/online/index.ts'

let directory: string
let location: OnlineLocation
let reader: OnlineReader

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fti-online-'))
  location = { kind: 'lmdb', path: join(directory, 'online') }
  reader = await openOnlineReader(location)
})
afterEach(async () => {
  vi.useRealTimers()
  await reader.close()
  rmSync(directory, { recursive: true, force: true })
})

function request(rows: OnlineRow[], extra: Partial<SyncRequest> = {}): SyncRequest {
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
const row = (key: OnlineRow['key'], seats: number | null, eventTimeMs: number | null = null): OnlineRow => ({
  key,
  values: [seats, 'A320'],
  eventTimeMs,
  availableAtMs: 5,
})
const pointerAge = () => new Promise((resolve) => setTimeout(resolve, 120))
/** What the room keeps of the group, temporary folders included. */
const foldersOnDisk = () => readdirSync(join(location.path, 'aircraft/v1')).sort()

describe('before any sync', () => {
  test('a reader answers undefined and leaves no directory behind', () => {
    expect(reader.get('aircraft', 1, ['N1'])).toBeUndefined()
    expect(reader.state('aircraft', 1)).toBeUndefined()
    expect(readdirSync(directory)).toEqual([])
  })

  test('there are no sync states', async () => {
    expect(await listSyncStates(location)).toEqual([])
    expect(existsSync(location.path)).toBe(false)
  })

  test('a reader that was opened first finds the store after the first sync', async () => {
    expect(reader.get('aircraft', 1, ['N1'])).toBeUndefined()
    await syncOnline(location, request([row(['N1'], 150)]))
    await pointerAge()
    expect(reader.get('aircraft', 1, ['N1'])?.values).toEqual([150, 'A320'])
  })
})

describe('values', () => {
  test('come back with their times, in the order of the features', async () => {
    await syncOnline(location, request([row(['N1'], null, 1_700_000_000_000.5)]))
    expect(reader.get('aircraft', 1, ['N1'])).toEqual({
      features: ['seats', 'model'],
      values: [null, 'A320'],
      eventTimeMs: 1_700_000_000_000.5,
      availableAtMs: 5,
    })
  })

  test('composite keys that join to one text stay apart', async () => {
    const keys: OnlineRow['key'][] = [
      ['a', 'b,c'],
      ['a,b', 'c'],
      ['a","b', 'c'],
      ['1', 2],
      [1, '2'],
      [true, ''],
      ['true', ''],
    ]
    const rows = keys.map((key, i) => row(key, i))
    await syncOnline(location, request(rows, { keys: ['x', 'y'] }))
    expect(keys.map((key) => reader.get('aircraft', 1, key)?.values[0])).toEqual(keys.map((_, i) => i))
  })

  test('keys longer than LMDB takes are found, also those that differ at their end only', async () => {
    const [a, b] = [`${'x'.repeat(5000)}a`, `${'x'.repeat(5000)}b`]
    await syncOnline(location, request([row([a], 1), row([b], 2), row(['é'.repeat(400)], 3)]))
    expect([a, b, 'é'.repeat(400)].map((key) => reader.get('aircraft', 1, [key])?.values[0])).toEqual([1, 2, 3])
  })

  test('a null in a key matches nothing', async () => {
    const state = await syncOnline(location, request([row([null], 1), row(['N1'], 2)]))
    expect(state.rows).toBe(1)
    expect(reader.get('aircraft', 1, [null])).toBeUndefined()
  })

  test('groups and contract versions do not see one another', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    await syncOnline(location, request([row(['N1'], 2)], { contractVersion: 2 }))
    expect(reader.get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    expect(reader.get('aircraft', 2, ['N1'])?.values[0]).toBe(2)
    expect(reader.get('airport', 1, ['N1'])).toBeUndefined()
  })
})

describe('a second sync', () => {
  test('replaces all values at once, and keys that are gone are gone', async () => {
    await syncOnline(location, request([row(['N1'], 1), row(['N2'], 1)]))
    expect(reader.get('aircraft', 1, ['N2'])?.values[0]).toBe(1)
    await syncOnline(location, request([row(['N1'], 2)], { snapshot: 4 }))
    await pointerAge()
    expect(reader.get('aircraft', 1, ['N1'])?.values[0]).toBe(2)
    expect(reader.get('aircraft', 1, ['N2'])).toBeUndefined()
    expect(reader.state('aircraft', 1)?.snapshot).toBe(4)
  })

  test('a reader between two lookups still finds its key after two syncs dropped what its pointer named', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    expect(reader.get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    for (const seats of [2, 3, 4]) await syncOnline(location, request([row(['N1'], seats)]))
    expect(reader.get('aircraft', 1, ['N1'])).toBeDefined()
  })

  test('keeps the namespace before it and drops the older ones', async () => {
    for (const seats of [1, 2, 3, 4]) await syncOnline(location, request([row(['N1'], seats)]))
    expect(foldersOnDisk()).toEqual(['3', '4'])
  })

  test('that fails halfway leaves the old values and no rubbish', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    async function* rows() {
      yield [row(['N1'], 2)]
      throw new Error('the source broke')
    }
    await expect(syncOnline(location, request([], { rows: rows() }))).rejects.toThrow('the source broke')
    await pointerAge()
    expect(reader.get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    expect(foldersOnDisk()).toEqual(['1'])
  })

  test('that is cancelled says so and changes nothing', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    const cancelled = request([row(['N1'], 2)], { signal: AbortSignal.abort() })
    await expect(syncOnline(location, cancelled)).rejects.toMatchObject({ code: 'FTI_INTERRUPTED' })
    await pointerAge()
    expect(reader.get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
  })
})

describe('a sync that meets another', () => {
  test('and began earlier but ends later loses to it', async () => {
    let finish = () => {}
    const waiting = new Promise<void>((resolve) => {
      finish = resolve
    })
    async function* slow() {
      yield [row(['N1'], 1)]
      await waiting
    }
    const older = syncOnline(location, request([], { rows: slow(), snapshot: 1 }))
    await new Promise((resolve) => setTimeout(resolve, 50))
    await syncOnline(location, request([row(['N1'], 2)], { snapshot: 2 }))
    finish()
    expect((await older).snapshot).toBe(2)
    expect(reader.get('aircraft', 1, ['N1'])?.values[0]).toBe(2)
    expect(foldersOnDisk()).toEqual(['1'])
  })

  test('with other features gives each value the names that it was written with', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    const before = reader.get('aircraft', 1, ['N1'])
    await syncOnline(location, request([{ ...row(['N1'], 1), values: ['A320', 1] }], { features: ['model', 'seats'] }))
    await pointerAge()
    const after = reader.get('aircraft', 1, ['N1'])
    expect([before, after].map((value) => value?.values[value.features.indexOf('seats')])).toEqual([1, 1])
  })

  test('wins over one that a clock ahead of the time had stamped', async () => {
    vi.useFakeTimers({ now: Date.now() + 40 * 86_400_000, toFake: ['Date'] })
    await syncOnline(location, request([row(['N1'], 1)]))
    vi.useRealTimers()
    await syncOnline(location, request([row(['N1'], 2)]))
    await pointerAge()
    expect(reader.get('aircraft', 1, ['N1'])?.values[0]).toBe(2)
  })

  test('replaces one whose state cannot be read, which a listing leaves out', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    writeFileSync(join(location.path, 'aircraft/v1/1/state.json'), '{')
    expect(await listSyncStates(location)).toEqual([])
    await syncOnline(location, request([row(['N1'], 2)]))
    expect(reader.get('aircraft', 1, ['N1'])?.values[0]).toBe(2)
    expect(await listSyncStates(location)).toMatchObject([{ group: 'aircraft', contractVersion: 1 }])
  })

  test('repairs what a killed one left', async () => {
    const room = join(import.meta.dirname, '../../src/online/index.ts')
    const script = `
      import { createJiti } from ${JSON.stringify(import.meta.resolve('jiti'))}
      const { syncOnline } = await createJiti(import.meta.url).import(${JSON.stringify(room)})
      async function* rows() {
        yield [{ key: ['N9'], values: [1, 'x'], eventTimeMs: null, availableAtMs: 0 }]
        await new Promise((resolve) => setTimeout(resolve, 20))
        process.kill(process.pid, 'SIGKILL')
      }
      await syncOnline(${JSON.stringify(location)}, { group: 'aircraft', contractVersion: 1, keys: ['tailnum'],
        features: ['seats', 'model'], snapshot: 1, asOf: null, now: new Date(), rows: rows() })`
    const file = join(directory, 'killed.mjs')
    writeFileSync(file, script)
    await expect(promisify(execFile)(process.execPath, [file])).rejects.toMatchObject({
      signal: 'SIGKILL',
    })
    expect(foldersOnDisk()).toEqual([expect.stringMatching(/^\.staging-/)])
    await syncOnline(location, request([row(['N1'], 2)]))
    expect(foldersOnDisk()).toEqual(['1'])
  })
})

describe('the state', () => {
  test('carries the replay moment, the snapshot and the number of rows', async () => {
    await syncOnline(location, request([row(['N1'], 1)], { asOf: '2013-12-12T10:00Z' }))
    expect(reader.state('aircraft', 1)).toMatchObject({
      asOf: '2013-12-12T10:00:00.000Z',
      syncedAt: '2026-05-01T00:00:00.000Z',
      snapshot: 3,
      rows: 1,
      keys: ['tailnum'],
      features: ['seats', 'model'],
    })
    expect(await listSyncStates(location)).toMatchObject([
      { group: 'aircraft', contractVersion: 1, state: { rows: 1 } },
    ])
  })

  test('is one object until the next sync', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    const before = reader.state('aircraft', 1)
    await pointerAge()
    expect(reader.state('aircraft', 1)).toBe(before)
  })
})

describe('trouble', () => {
  test('a store that was removed and made anew is followed', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    expect(reader.get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    rmSync(location.path, { recursive: true })
    await pointerAge()
    expect(reader.get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    await syncOnline(location, request([row(['N1'], 2)]))
    await pointerAge()
    expect(reader.get('aircraft', 1, ['N1'])?.values[0]).toBe(2)
  })

  test('a newer sync that was cut short is not opened: the values before it go on, and the trouble is told', async () => {
    const troubles: unknown[] = []
    const careful = await openOnlineReader(location, { onTrouble: (error) => troubles.push(error) })
    await syncOnline(location, request([row(['N1'], 1)]))
    expect(careful.get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    await syncOnline(location, request([row(['N1'], 2)]))
    truncateSync(join(location.path, 'aircraft/v1/2/data.mdb'), 8192)
    for (let lookups = 0; lookups < 2; lookups++) {
      await pointerAge()
      expect(careful.get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    }
    expect(troubles).toMatchObject([{ code: 'FTI_ONLINE_CORRUPT', exit: 5 }])
    await careful.close()
  })

  test('a file that is no LMDB file is reported as corrupt, with what to do', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    const file = join(location.path, 'aircraft/v1/1/data.mdb')
    writeFileSync(file, Buffer.alloc(statSync(file).size, 7))
    expect(() => reader.get('aircraft', 1, ['N1'])).toThrow(
      expect.objectContaining({
        code: 'FTI_ONLINE_CORRUPT',
        exit: 5,
        remedy: expect.stringContaining('fti feature sync'),
      }),
    )
  })

  test('with somebody to tell it to, a reader without values answers undefined instead of throwing', async () => {
    const troubles: unknown[] = []
    await syncOnline(location, request([row(['N1'], 1)]))
    truncateSync(join(location.path, 'aircraft/v1/1/data.mdb'), 8192)
    const careful = await openOnlineReader(location, { onTrouble: (error) => troubles.push(error) })
    expect(careful.get('aircraft', 1, ['N1'])).toBeUndefined()
    expect(troubles).toMatchObject([{ code: 'FTI_ONLINE_CORRUPT' }])
    await careful.close()
  })

  test('a group name that would leave the directory is refused', () => {
    expect(() => reader.get('../../etc', 1, ['x'])).toThrow(expect.objectContaining({ code: 'FTI_NAME_UNSAFE' }))
  })

  test('a row with too few values is refused', async () => {
    const bad: OnlineRow = { key: ['N1'], values: [1], eventTimeMs: null, availableAtMs: 0 }
    await expect(syncOnline(location, request([bad]))).rejects.toMatchObject({ code: 'FTI_ONLINE_ROW_INVALID' })
  })
})
