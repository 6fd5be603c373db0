import { expect, test } from 'vitest'
import { counted, countedInGroups } from '../../src/base/index.ts'

test.each([
  [0, 'row', '0 rows'],
  [1, 'row', '1 row'],
  [12000, 'row', '12000 rows'],
  [2, 'entry', '2 entries'],
  [2, 'key', '2 keys'],
  [1, 'feature group', '1 feature group'],
])('%i %s is %s', (count, noun, text) => {
  expect(counted(count, noun)).toBe(text)
})

test('digits in groups are for large numbers in talk', () => {
  expect(countedInGroups(12000, 'row')).toBe('12,000 rows')
})
