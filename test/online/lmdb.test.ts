import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { EmbeddedLocation } from '../../src/contract/index.ts'
import {
  listSyncStates,
  type OnlineReader,
  type OnlineRow,
  openOnlineReader,
  type SyncRequest,
  syncOnline,
} from '../../src/online/index.ts'

let directory: string
let location: EmbeddedLocation
let reader: OnlineReader
/** What the embedded reader finds now: it answers without waiting. */
const now = (from = reader) => {
  const values = from.fetch(() => [])
  if (values instanceof Promise) throw new Error('the embedded store has made its caller wait')
  return values
}

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
    expect(now().get('aircraft', 1, ['N1'])).toBeUndefined()
    expect(now().state('aircraft', 1)).toBeUndefined()
    expect(readdirSync(directory)).toEqual([])
  })
})

describe('a second sync', () => {
  test('a reader between two lookups still finds its key after two syncs dropped what its pointer named', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    expect(now().get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    for (const seats of [2, 3, 4]) await syncOnline(location, request([row(['N1'], seats)]))
    expect(now().get('aircraft', 1, ['N1'])).toBeDefined()
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
    expect(now().get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    expect(foldersOnDisk()).toEqual(['1'])
  })
})

describe('a sync that meets another', () => {
  test('wins over one that a clock ahead of the time had stamped', async () => {
    vi.useFakeTimers({ now: Date.now() + 40 * 86_400_000, toFake: ['Date'] })
    await syncOnline(location, request([row(['N1'], 1)]))
    vi.useRealTimers()
    await syncOnline(location, request([row(['N1'], 2)]))
    await pointerAge()
    expect(now().get('aircraft', 1, ['N1'])?.values[0]).toBe(2)
  })

  test('replaces one whose state cannot be read, which a listing leaves out', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    writeFileSync(join(location.path, 'aircraft/v1/1/state.json'), '{')
    expect(await listSyncStates(location)).toEqual([])
    await syncOnline(location, request([row(['N1'], 2)]))
    expect(now().get('aircraft', 1, ['N1'])?.values[0]).toBe(2)
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

describe('trouble', () => {
  test('a store that was removed and made anew is followed', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    expect(now().get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    rmSync(location.path, { recursive: true })
    await pointerAge()
    expect(now().get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    await syncOnline(location, request([row(['N1'], 2)]))
    await pointerAge()
    expect(now().get('aircraft', 1, ['N1'])?.values[0]).toBe(2)
  })

  test('a newer sync that was cut short is not opened: the values before it go on, and the trouble is told', async () => {
    const troubles: unknown[] = []
    const careful = await openOnlineReader(location, { onTrouble: (error) => troubles.push(error) })
    await syncOnline(location, request([row(['N1'], 1)]))
    expect(now(careful).get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    await syncOnline(location, request([row(['N1'], 2)]))
    truncateSync(join(location.path, 'aircraft/v1/2/data.mdb'), 8192)
    for (let lookups = 0; lookups < 2; lookups++) {
      await pointerAge()
      expect(now(careful).get('aircraft', 1, ['N1'])?.values[0]).toBe(1)
    }
    expect(troubles).toMatchObject([{ code: 'FTI_ONLINE_CORRUPT', exit: 5 }])
    await careful.close()
  })

  test('a file that is no LMDB file is reported as corrupt, with what to do', async () => {
    await syncOnline(location, request([row(['N1'], 1)]))
    const file = join(location.path, 'aircraft/v1/1/data.mdb')
    writeFileSync(file, Buffer.alloc(statSync(file).size, 7))
    expect(() => now().get('aircraft', 1, ['N1'])).toThrow(
      expect.objectContaining({
        code: 'FTI_ONLINE_CORRUPT',
        exit: 5,
        remedy: expect.stringContaining('fti feature sync'),
      }),
    )
  })

  // Shown to LMDB, most of these end the process with a signal, and the others make it write to standard error by itself.
  test.each([18, 25, 48, 49, 136, 152])('a changed byte at %i is told before LMDB sees the file', async (at) => {
    await syncOnline(location, request([row(['N1'], 1)]))
    const file = join(location.path, 'aircraft/v1/1/data.mdb')
    const bytes = readFileSync(file)
    bytes[at] = ~(bytes[at] ?? 0)
    writeFileSync(file, bytes)
    expect(() => now().get('aircraft', 1, ['N1'])).toThrow(
      expect.objectContaining({
        code: 'FTI_ONLINE_CORRUPT',
        message: expect.stringMatching(/data\.mdb is (not what was written|not an LMDB file)$/),
      }),
    )
  })

  test('with somebody to tell it to, a reader without values answers undefined instead of throwing', async () => {
    const troubles: unknown[] = []
    await syncOnline(location, request([row(['N1'], 1)]))
    truncateSync(join(location.path, 'aircraft/v1/1/data.mdb'), 8192)
    const careful = await openOnlineReader(location, { onTrouble: (error) => troubles.push(error) })
    expect(now(careful).get('aircraft', 1, ['N1'])).toBeUndefined()
    expect(troubles).toMatchObject([{ code: 'FTI_ONLINE_CORRUPT' }])
    await careful.close()
  })
})
