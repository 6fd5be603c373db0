import { expect, test } from 'vitest'
import { cronProblem } from '../../../src/project/build/cron.ts'

test.each([
  '* * * * *',
  '*/15 * * * *',
  '0 3 * * 1-5',
  '5,35 0-23/2 1 jan,JUL *',
  '0 0 29 2 *',
  '0 0 31 1,2 *',
  '0 0 * * 7',
  '0 0 31 2 1',
])('is a schedule: %s', (cron) => expect(cronProblem(cron)).toBeUndefined())

test.each([
  ['* * * *', /4 fields/],
  ['* * * * * *', /6 fields/],
  ['60 * * * *', /no minute/],
  ['* 24 * * *', /no hour/],
  ['* * 0 * *', /no day of the month/],
  ['* * * 13 *', /no month/],
  ['* * * * 8', /no day of the week/],
  ['*/0 * * * *', /no minute/],
  ['5/10 * * * *', /no minute/],
  ['30-10 * * * *', /no minute/],
  ['1,,2 * * * *', /no minute/],
  ['* * * foo *', /no month/],
  ['every day at noon x', /no minute/],
  ['0 0 31 2 *', /no month has/],
  ['0 0 31 apr,6 *', /no month has/],
  ['', /fields/],
])('is none: %j', (cron, message) => expect(cronProblem(cron)?.message).toMatch(message))

test('a nickname gets its five fields as the remedy', () => {
  expect(cronProblem('@daily')?.remedy).toBe('write "0 0 * * *"')
})
