import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FtiError } from '../../src/base/index.ts'
import { dependencyOrder } from '../../src/project/index.ts'

test('a group comes after those it reads, otherwise in the given order', () => {
  const reads = new Map([
    ['a', ['c', 'some_source']],
    ['c', ['b']],
  ])
  expect(dependencyOrder(['a', 'b', 'c', 'd'], reads)).toEqual(['b', 'c', 'a', 'd'])
})

test('a circle is named in full, at its place', () => {
  const reads = new Map([
    ['x', ['a']],
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['a']],
  ])
  try {
    dependencyOrder(['x', 'a', 'b', 'c'], reads, (group) => `fti.config.yaml:${group}`)
    expect.unreachable()
  } catch (error) {
    if (!(error instanceof FtiError)) throw error
    expect(error.code).toBe('FTI_PROJECT_CYCLE')
    expect(error.message).toBe('feature groups are made in a circle: a <- b <- c <- a')
    expect(error.place).toBe('fti.config.yaml:a')
  }
})

test('a group that reads itself is a circle', () => {
  expect(() => dependencyOrder(['a'], new Map([['a', ['a']]]))).toThrow('the feature group a is made from itself')
})

test('any graph without circles is ordered, any other refused', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const edges = fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names)), { maxLength: 12 })
  fc.assert(
    fc.property(edges, (pairs) => {
      const reads = new Map<string, string[]>()
      for (const [from, to] of pairs) reads.set(from, [...(reads.get(from) ?? []), to])
      if (hasCircle(names, reads)) {
        expect(() => dependencyOrder(names, reads)).toThrow(FtiError)
        return
      }
      const order = dependencyOrder(names, reads)
      expect([...order].sort()).toEqual(names)
      for (const [from, to] of pairs) expect(order.indexOf(to)).toBeLessThan(order.indexOf(from))
    }),
  )
})

/** Removes groups that read nothing left, until none is left or a circle is. */
function hasCircle(names: readonly string[], reads: ReadonlyMap<string, readonly string[]>): boolean {
  const left = new Set(names)
  for (let before = -1; before !== left.size; ) {
    before = left.size
    for (const name of left) if (!(reads.get(name) ?? []).some((read) => left.has(read))) left.delete(name)
  }
  return left.size > 0
}
