import { expect, test } from 'vitest'
import { parseTime } from '../../src/base/index.ts'

test.each([
  ['2013-03-01', '2013-03-01T00:00:00.000Z'],
  ['2013-03-01T12:00Z', '2013-03-01T12:00:00.000Z'],
  ['2013-03-01 12:00:05+05:30', '2013-03-01T06:30:05.000Z'],
  ['2013-03-01T12:00:00.123456789Z', '2013-03-01T12:00:00.123Z'],
  ['2012-02-29T00:00:00-0500', '2012-02-29T05:00:00.000Z'],
])('%s is %s, in any time zone of the machine', (text, moment) => {
  expect(parseTime(text).toISOString()).toBe(moment)
})

test.each([
  '2013-03-01T12:00:00',
  '2013-02-29',
  '2013-02-30T00:00:00Z',
  '2013-04-31T00:00:00Z',
  '2013-13-01',
  '2013-01-01T25:00Z',
  '1 March 2013',
  '2013',
  '',
])('%j is refused', (text) => {
  expect(() => parseTime(text)).toThrow(expect.objectContaining({ code: 'FTI_TIME_INVALID', exit: 2 }))
})
