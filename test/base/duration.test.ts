import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../src/base/index.ts'

test.each([
  ['500ms', 500],
  ['1.5s', 1500],
  ['15m', 900_000],
  ['6h', 21_600_000],
  ['30d', 2_592_000_000],
  ['2w', 1_209_600_000],
  ['0s', 0],
])('%s is %i milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', '5', '-5m', '5 m', '5M', 'm', '1e3s', '5m30s', ' 5m'])('%j is refused', (text) => {
  expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'FTI_DURATION_INVALID', exit: 2 }))
})

test.each([
  [0, '0ms'],
  [999.4, '999ms'],
  [1500, '1.5s'],
  [60_000, '1m'],
  [93_784_000, '1d 2h'],
  [86_400_000, '1d'],
])('%f milliseconds are told as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})
