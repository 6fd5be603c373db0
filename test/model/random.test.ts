import { expect, test } from 'vitest'
import { dropoutMasks } from '../../src/model/dropout.ts'
import { seededRandom, shuffle } from '../../src/model/random.ts'

test('equal seeds and streams repeat, others differ', () => {
  const take = (seed: number, stream: string) => {
    const random = seededRandom(seed, stream)
    return Array.from({ length: 600 }, () => random())
  }
  expect(take(7, 'a')).toEqual(take(7, 'a'))
  expect(take(7, 'a')).not.toEqual(take(8, 'a'))
  expect(take(7, 'a')).not.toEqual(take(7, 'b'))
})

test('numbers fill [0, 1) evenly', () => {
  const random = seededRandom(1, 'even')
  const bins = new Array<number>(10).fill(0)
  for (let i = 0; i < 100_000; i++) {
    const bin = Math.floor(random() * 10)
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  for (const count of bins) expect(Math.abs(count - 10_000)).toBeLessThan(400)
})

test('a shuffle keeps every element and leaves few in place', () => {
  const order = Uint32Array.from({ length: 1000 }, (_, i) => i)
  shuffle(order, seededRandom(1, 'shuffle'))
  expect(order.toSorted()).toEqual(Uint32Array.from({ length: 1000 }, (_, i) => i))
  expect(order.filter((value, i) => value === i).length).toBeLessThan(10)
})

test('masks drop the asked-for share, keep the expected sum, and differ from step to step', () => {
  const masks = dropoutMasks({ type: 'mlp', layers: [100, 33], dropout: 0.2 }, 200, 5)
  for (let step = 0; step < 3; step++) {
    for (const mask of masks?.(200) ?? []) {
      const dropped = mask.filter((value) => value === 0).length / mask.length
      expect(dropped).toBeCloseTo(0.2, 1)
      expect(new Set(mask)).toEqual(new Set([0, Math.fround(1.25)]))
    }
  }
  const first = masks?.(10).map((mask) => [...mask])
  expect(masks?.(10).map((mask) => [...mask])).not.toEqual(first)
  expect(masks?.(7).map((mask) => mask.length)).toEqual([700, 231])
})

test('there are no masks without dropout or without hidden layers', () => {
  expect(dropoutMasks({ type: 'mlp', layers: [4], dropout: 0 }, 8, 1)).toBeUndefined()
  expect(dropoutMasks({ type: 'linear', layers: [4], dropout: 0.5 }, 8, 1)).toBeUndefined()
})
