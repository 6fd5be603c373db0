import { expect, test } from 'vitest'
import { isDue, nextDue } from '../../src/runs/index.ts'

const time = (text: string) => new Date(`2026-03-08T${text}Z`)

test('a pipeline that never ran is due at once', () => {
  expect(isDue('0 3 * * *', undefined, time('10:00:00'))).toBe(true)
})

test('a pipeline is due when a scheduled moment has passed since its last run began', () => {
  const quarter = '*/15 * * * *'
  expect(isDue(quarter, time('10:00:05'), time('10:14:59'))).toBe(false)
  expect(isDue(quarter, time('10:00:05'), time('10:15:00'))).toBe(true)
  expect(isDue(quarter, time('10:00:00'), time('10:14:59.999'))).toBe(false)
  expect(isDue(quarter, time('09:59:59.900'), time('10:00:00'))).toBe(true)
  expect(nextDue(quarter, time('10:00:05'), time('10:01:00'))).toEqual(time('10:15:00'))
})

test('missed moments are made up for once', () => {
  expect(isDue('*/15 * * * *', time('01:00:00'), time('23:00:00'))).toBe(true)
  expect(isDue('*/15 * * * *', time('23:00:00'), time('23:01:00'))).toBe(false)
})

test('schedules are UTC wherever the machine is, also in the night in which clocks change', () => {
  const zone = process.env['TZ']
  try {
    for (const place of ['America/New_York', 'Asia/Kolkata', 'UTC']) {
      process.env['TZ'] = place
      expect(nextDue('30 2 * * *', time('00:00:00'), time('00:00:00'))).toEqual(time('02:30:00'))
      expect(nextDue('0 7 * * *', time('06:59:00'), time('07:00:00'))).toEqual(time('07:00:00'))
    }
  } finally {
    if (zone === undefined) delete process.env['TZ']
    else process.env['TZ'] = zone
  }
})

test('day and weekday together mean either, as in a crontab', () => {
  expect(nextDue('0 0 13 * fri', new Date('2026-03-08T00:00Z'), time('00:00:00'))).toEqual(
    new Date('2026-03-13T00:00Z'),
  )
  expect(nextDue('0 0 13 * mon', new Date('2026-03-08T00:00Z'), time('00:00:00'))).toEqual(
    new Date('2026-03-09T00:00Z'),
  )
})

test('a last run in the future was stamped by a wrong clock and does not hold anything up', () => {
  expect(isDue('0 3 * * *', new Date('2026-04-20T00:00Z'), time('10:00:00'))).toBe(true)
})

test('a schedule that never comes is never due again', () => {
  expect(nextDue('0 0 30 2 *', time('10:00:00'), time('11:00:00'))).toBeNull()
})

test('what is not five cron fields is refused', () => {
  for (const text of ['', '* * * *', '* * * * * *', '@daily', '61 * * * *', '* * * * foo', 'every day at 3 am']) {
    expect(() => isDue(text, undefined, time('10:00:00'))).toThrowError(
      expect.objectContaining({ code: 'FTI_SCHEDULE_INVALID', exit: 2 }),
    )
  }
})
