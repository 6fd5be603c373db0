import { expect, test } from 'vitest'
import { isSafeName, safeName } from '../../src/base/index.ts'

test.each(['a', 'late_departure', '2013-01', 'v1.2', 'a'.repeat(63)])('%s is a name', (name) => {
  expect(isSafeName(name)).toBe(true)
})

test.each([
  '',
  'A',
  '.hidden',
  '-x',
  '..',
  'a..b',
  'a.',
  'a/b',
  'a\\b',
  'a b',
  'a\n',
  'é',
  'a%2e',
  'a'.repeat(64),
  // A member of every object: a tag of this name once broke a journal.
  'constructor',
])('%j is no name', (name) => {
  expect(() => safeName(name, 'tag')).toThrow(expect.objectContaining({ code: 'FTI_NAME_UNSAFE', exit: 2 }))
})
