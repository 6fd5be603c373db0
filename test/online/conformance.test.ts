import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  listSyncStates,
  type OnlineRow,
  openOnlineReader,
  removeDeadSyncs,
  removeOnline,
  syncOnline,
} from '../../src/online/index.ts'
import { OpenStore, row, seen } from './open-store.ts'
import { type StoreUnderTest, stores } from './stores.ts'

let store: StoreUnderTest
let opened: OpenStore
const of = () => opened

/** What is common to all kinds of store; each has a real server, or a real directory. */
describe.each(stores)('$name', ({ start }) => {
  beforeAll(async () => {
    store = await start()
  }, 60_000)
  afterAll(() => store.stop())
  beforeEach(async () => {
    opened = await OpenStore.open(store)
  })
  afterEach(() => opened.reader.close())

  describe('before any sync', testBefore)
  describe('values', testValues)
  describe('a second sync', testSecond)
  describe('two syncs at a time', testTwo)
  describe('the state', testState)
  describe('a removal', testRemoval)
  describe('what is wrong', testWrong)
})

function testBefore(): void {
  test('a reader finds nothing, and there are no states', async () => {
    expect(await of().look(['N1'])).toBeUndefined()
    expect(await of().stateOf()).toBeUndefined()
    expect(await listSyncStates(of().location)).toEqual([])
    expect(of().reader.trouble()).toBeUndefined()
  })

  test('a reader that was opened first finds the store after the first sync', async () => {
    expect(await of().look(['N1'])).toBeUndefined()
    await of().sync([row(['N1'], 150)])
    await seen()
    expect((await of().look(['N1']))?.values).toEqual([150, 'A320'])
  })
}

function testValues(): void {
  test('come back with their times, in the order of the features', async () => {
    await of().sync([row(['N1'], null, 1_700_000_000_000.5)])
    expect(await of().look(['N1'])).toEqual({
      features: ['seats', 'model'],
      values: [null, 'A320'],
      eventTimeMs: 1_700_000_000_000.5,
      availableAtMs: 5,
    })
  })

  test('are exactly those that were synced: numbers, truth, text, integers beyond 2^53', async () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 5e-324, 0.1 + 0.2, -1.5e300]
    const plain = [true, false, null, '', '9007199254740993', 'é "quoted"\n\u0000 \u{1f6eb}']
    const values = [...odd, ...plain]
    const features = values.map((_, i) => `f${i}`)
    await of().sync([{ ...row(['N1'], 0), values }], { features })
    const found = (await of().look(['N1']))?.values ?? []
    expect(found.map((value, i) => Object.is(value, values[i]))).toEqual(values.map(() => true))
  })

  test('of composite keys that join to one text stay apart', async () => {
    const keys: OnlineRow['key'][] = [
      ['a', 'b,c'],
      ['a,b', 'c'],
      ['a","b', 'c'],
      ['1', 2],
      [1, '2'],
      [true, ''],
      ['true', ''],
    ]
    await of().sync(
      keys.map((key, i) => row(key, i)),
      { keys: ['x', 'y'] },
    )
    expect((await of().lookAll(keys)).map((value) => value?.values[0])).toEqual(keys.map((_, i) => i))
  })

  test('of long keys and of keys with quotes, newlines, emoji and zero bytes are found', async () => {
    const keys = ['x', '', ' ', "'; DROP TABLE x; --", '"', '\n', '\u0000', '\u{1f6eb}', 'state', 'sha256:', '[]']
    const long = [`${'x'.repeat(5000)}a`, `${'x'.repeat(5000)}b`, 'é'.repeat(1000)]
    const all = [...keys, ...long]
    await of().sync(all.map((key, i) => row([key], i)))
    expect((await of().lookAll(all.map((key) => [key]))).map((value) => value?.values[0])).toEqual(all.map((_, i) => i))
  })

  test('of a key with a null are not stored, and nothing finds them', async () => {
    const state = await of().sync([row([null], 1), row(['N1'], 2)])
    expect(state.rows).toBe(1)
    expect(await of().look([null])).toBeUndefined()
  })

  test('of several groups come together; groups and contract versions do not see one another', async () => {
    await of().sync([row(['N1'], 1)])
    await of().sync([row(['N1'], 2)], { contractVersion: 2 })
    const wants = [1, 2, 3].map((contractVersion) => ({ group: 'aircraft', contractVersion, keys: [['N1']] }))
    const values = await of().reader.fetch(() => [...wants, { group: 'airport', contractVersion: 1, keys: [['N1']] }])
    const found = (group: string, version: number) => values.get(group, version, ['N1'])?.values[0]
    expect([found('aircraft', 1), found('aircraft', 2)]).toEqual([1, 2])
    expect([found('aircraft', 3), found('airport', 1)]).toEqual([undefined, undefined])
  })

  test('of many keys arrive in one fetch', async () => {
    const keys = Array.from({ length: 3000 }, (_, i) => `N${i}`)
    await of().sync(keys.map((key, i) => row([key], i)))
    const found = await of().lookAll(keys.map((key) => [key]))
    expect(found.map((value) => value?.values[0])).toEqual(keys.map((_, i) => i))
  })
}

function testSecond(): void {
  test('replaces all values at once, and keys that are gone are gone', async () => {
    await of().sync([row(['N1'], 1), row(['N2'], 1)])
    expect(await of().seats('N2')).toBe(1)
    await of().sync([row(['N1'], 2)], { snapshot: 4 })
    await seen()
    expect(await of().seats('N1')).toBe(2)
    expect(await of().look(['N2'])).toBeUndefined()
    expect((await of().stateOf())?.snapshot).toBe(4)
  })

  test('that fails halfway leaves the old values', async () => {
    await of().sync([row(['N1'], 1)])
    async function* rows() {
      yield [row(['N1'], 2)]
      throw new Error('the source broke')
    }
    await expect(syncOnline(of().location, of().request([], { rows: rows() }))).rejects.toThrow('the source broke')
    await seen()
    expect(await of().seats('N1')).toBe(1)
  })

  test('that is cancelled says so and changes nothing', async () => {
    await of().sync([row(['N1'], 1)])
    const cancelled = of().sync([row(['N1'], 2)], { signal: AbortSignal.abort() })
    await expect(cancelled).rejects.toMatchObject({ code: 'FTI_INTERRUPTED' })
    await seen()
    expect(await of().seats('N1')).toBe(1)
  })

  test('with other features gives each value the names that it was written with', async () => {
    await of().sync([row(['N1'], 1)])
    const before = await of().look(['N1'])
    await of().sync([{ ...row(['N1'], 1), values: ['A320', 1] }], { features: ['model', 'seats'] })
    await seen()
    const after = await of().look(['N1'])
    expect([before, after].map((value) => value?.values[value.features.indexOf('seats')])).toEqual([1, 1])
  })
}

function testTwo(): void {
  test('that began earlier but ends later loses', async () => {
    let finish = () => {}
    const waiting = new Promise<void>((resolve) => {
      finish = resolve
    })
    let begun = () => {}
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve
    })
    async function* slow() {
      begun()
      yield [row(['N1'], 1)]
      await waiting
    }
    const older = syncOnline(of().location, of().request([], { rows: slow(), snapshot: 1 }))
    await hasBegun
    await new Promise((resolve) => setTimeout(resolve, 20))
    await of().sync([row(['N1'], 2)], { snapshot: 2 })
    finish()
    expect((await older).snapshot).toBe(2)
    expect(await of().seats('N1')).toBe(2)
  })

  test('is seen whole: while syncs go on, a fetch never mixes the values of two', async () => {
    const keys = Array.from({ length: 200 }, (_, i) => `N${i}`)
    const all = (seats: number) => keys.map((key) => row([key], seats))
    await of().sync(all(0), { snapshot: 0 })
    let isOver = false
    const syncs = (async () => {
      for (let n = 1; n <= 12; n++) await of().sync(all(n), { snapshot: n })
      isOver = true
    })()
    const seenSeats = new Set<unknown>()
    while (!isOver) {
      const values = await of().reader.fetch(() => [
        { group: 'aircraft', contractVersion: 1, keys: keys.map((key) => [key]) },
      ])
      const state = values.state('aircraft', 1)
      const found = new Set(keys.map((key) => values.get('aircraft', 1, [key])?.values[0]))
      expect([...found]).toEqual([state?.snapshot])
      seenSeats.add(state?.snapshot)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await syncs
    expect(seenSeats.size).toBeGreaterThan(1)
  }, 30_000)
}

function testState(): void {
  test('carries the replay moment, the snapshot and the number of rows, and is listed', async () => {
    await of().sync([row(['N1'], 1)], { asOf: '2013-12-12T10:00Z' })
    const state = {
      asOf: '2013-12-12T10:00:00.000Z',
      syncedAt: '2026-05-01T00:00:00.000Z',
      snapshot: 3,
      rows: 1,
      keys: ['tailnum'],
      features: ['seats', 'model'],
    }
    expect(await of().stateOf()).toMatchObject(state)
    await of().sync([row(['N1'], 1)], { group: 'airport', contractVersion: 12 })
    expect(await listSyncStates(of().location)).toMatchObject([
      { group: 'aircraft', contractVersion: 1, state },
      { group: 'airport', contractVersion: 12, state: { asOf: null } },
    ])
  })

  test('is one object until the next sync', async () => {
    await of().sync([row(['N1'], 1)])
    const before = await of().stateOf()
    await seen()
    expect(await of().stateOf()).toBe(before)
    await of().sync([row(['N1'], 1)])
    await seen()
    expect(await of().stateOf()).not.toBe(before)
  })
}

function testRemoval(): void {
  test('takes values and state away, and no other contract version', async () => {
    await of().sync([row(['N1'], 150)])
    await of().sync([row(['N1'], 151)], { contractVersion: 2 })
    await removeOnline(of().location, 'aircraft', 1)
    await seen()
    expect(await of().look(['N1'])).toBeUndefined()
    expect((await listSyncStates(of().location)).map(({ contractVersion }) => contractVersion)).toEqual([2])
  })

  test('of what is not there does nothing, and a later sync begins anew', async () => {
    await removeOnline(of().location, 'aircraft', 1)
    await of().sync([row(['N1'], 150)])
    await seen()
    expect((await of().look(['N1']))?.values).toEqual([150, 'A320'])
  })
}

function testWrong(): void {
  test('a state that cannot be read is an error of its reader, left out of a list, and replaced by a sync', async () => {
    await of().sync([row(['N1'], 1)])
    await of().damage()
    expect(await listSyncStates(of().location)).toEqual([])
    const fresh = await openOnlineReader(of().location)
    const failed = (async () =>
      (await fresh.fetch(() => [{ ...of().request([]), keys: [['N1']] }])).get('aircraft', 1, ['N1']))()
    await expect(failed).rejects.toMatchObject({ code: 'FTI_ONLINE_CORRUPT', exit: 5 })
    await fresh.close()
    await of().sync([row(['N1'], 2)])
    await seen()
    expect(await of().seats('N1')).toBe(2)
    expect(await listSyncStates(of().location)).toMatchObject([{ group: 'aircraft', contractVersion: 1 }])
  })

  test('a group name that would leave its place is refused', async () => {
    await expect((async () => of().look(['x'], '../../etc'))()).rejects.toMatchObject({ code: 'FTI_NAME_UNSAFE' })
  })

  test('a row with too few values is refused', async () => {
    const bad: OnlineRow = { key: ['N1'], values: [1], eventTimeMs: null, availableAtMs: 0 }
    await expect(of().sync([bad])).rejects.toMatchObject({ code: 'FTI_ONLINE_ROW_INVALID' })
  })

  test('to remove what dead syncs have left is no error where there is nothing', async () => {
    await removeDeadSyncs(of().location, 'aircraft', 1)
  })
}
