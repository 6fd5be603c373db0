import { expect, test } from 'vitest'
import { didYouMean } from '../../src/base/index.ts'

const tags = ['champion', 'challenger', 'candidate']

test.each([
  ['chamipon', 'champion'],
  ['champ', 'champion'],
  ['Champion', 'champion'],
  ['challanger', 'challenger'],
])('%s: did you mean %s?', (name, meant) => {
  expect(didYouMean(name, tags)).toBe(`did you mean '${meant}'?`)
})

test('what is not like any name gets the names that there are, ten at most', () => {
  expect(didYouMean('x', tags)).toBe('known: champion, challenger, candidate')
  const many = Array.from({ length: 12 }, (_, i) => `group_${i}`)
  expect(didYouMean('zzz', many)).toMatch(/group_9, and 2 more$/)
  expect(didYouMean('zzz', [])).toBe('there is none yet')
})
