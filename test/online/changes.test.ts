import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { OnlineChange, SyncRequest } from '../../src/online/index.ts'
import { OpenStore, row, seen } from './open-store.ts'
import { type StoreUnderTest, stores } from './stores.ts'

let store: StoreUnderTest
let opened: OpenStore

const changes = (...batch: OnlineChange[]): Pick<SyncRequest, 'changesSince'> => ({ changesSince: async () => [batch] })
const gone = (key: string): OnlineChange => ({ key: [key], isGone: true })
/** All values, which a sync of changes must not ask for. */
async function* unasked(): AsyncGenerator<never> {
  yield* []
  throw new Error('all values were asked for')
}

function testAll(): void {
  beforeEach(async () => {
    opened = await OpenStore.open(store)
    await opened.sync([row(['N1'], 1), row(['N2'], 2), row(['N3'], 3)])
  })
  afterEach(() => opened.reader.close())
  const seats = async () => Promise.all(['N1', 'N2', 'N3', 'N4'].map((key) => opened.seats(key)))

  test('changed, new and gone keys are as after a sync of all values', async () => {
    await seats()
    const rows = [row(['N1'], 10), row(['N3'], 3), row(['N4'], 4)]
    const told = changes(row(['N1'], 10), row(['N3'], 3), row(['N4'], 4), gone('N2'), gone('N5'))
    const state = await opened.sync(rows, { snapshot: 4, ...told })
    await seen()
    expect(await seats()).toEqual([10, undefined, 3, 4])
    expect(state).toMatchObject({ rows: 3, snapshot: 4 })
    expect(await opened.stateOf()).toEqual(state)
  })

  test('where they cannot be told, or the features are others, all values are written', async () => {
    await opened.sync([row(['N1'], 5)], { changesSince: async () => undefined })
    await seen()
    expect(await seats()).toEqual([5, undefined, undefined, undefined])
    const others = { ...row(['N2'], 0), values: [7] }
    await opened.sync([others], { features: ['seats'], ...changes() })
    await seen()
    expect(await seats()).toEqual([undefined, 7, undefined, undefined])
  })
}

function testServer(): void {
  beforeEach(async () => {
    opened = await OpenStore.open(store)
  })
  afterEach(() => opened.reader.close())

  test('only what changed is written', async () => {
    const first = await opened.sync([row(['N1'], 1), row(['N2'], 2)])
    const since: string[] = []
    await opened.sync([], {
      rows: unasked(),
      changesSince: async ({ syncId }) => {
        since.push(syncId)
        return [[row(['N2'], 20)]]
      },
    })
    expect(since).toEqual([first.syncId])
    expect([await opened.seats('N1'), await opened.seats('N2')]).toEqual([1, 20])
  })

  test('much that changed is written like all values', async () => {
    const many = Array.from({ length: 30_000 }, (_, i) => row([`N${i}`], i))
    await opened.sync([row(['N1'], 1)])
    const state = await opened.sync(many, changes(...many))
    expect(state.rows).toBe(many.length)
    expect(await opened.seats('N29999')).toBe(29_999)
  }, 60_000)

  test('changes of a sync that another has replaced meanwhile are not applied: all values are written', async () => {
    await opened.sync([row(['N1'], 1), row(['N2'], 2)])
    await opened.sync([row(['N1'], 100), row(['N2'], 200)], {
      changesSince: async () => {
        await opened.sync([row(['N1'], 50)])
        return [[row(['N1'], 100)]]
      },
    })
    // The other began later, so its values hold; what must not be seen is a mixture.
    expect([await opened.seats('N1'), await opened.seats('N2')]).toEqual([50, undefined])
  })

  test('an error on the way to the changes is that of its source', async () => {
    await opened.sync([row(['N1'], 1)])
    const failing = opened.sync([], { changesSince: () => Promise.reject(new Error('the store is gone')) })
    await expect(failing).rejects.toThrow('the store is gone')
    expect(await opened.seats('N1')).toBe(1)
  })
}

describe.each(stores)('a sync of changes to $name', ({ start, isServer }) => {
  beforeAll(async () => {
    store = await start()
  }, 60_000)
  afterAll(() => store.stop())
  describe('given with all values', testAll)
  if (isServer) describe('given alone', testServer)
})
