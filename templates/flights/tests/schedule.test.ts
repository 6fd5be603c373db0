import assert from 'node:assert/strict'
import { test } from 'node:test'
import schedule from '../features/schedule.ts'

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const wall = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/New_York',
  hourCycle: 'h23',
  weekday: 'short',
  hour: 'numeric',
  minute: 'numeric',
})

test('hour and weekday are those of the clock in New York, through every clock change', () => {
  const stepMs = 6.5 * 3_600_000
  for (let at = Date.UTC(2008, 0); at < Date.UTC(2030, 0); at += stepMs) {
    const parts = Object.fromEntries(wall.formatToParts(at).map(({ type, value }) => [type, value]))
    const { hour, weekday } = schedule({ scheduled_at: at })
    assert.equal(hour, Number(parts['hour']) + Number(parts['minute']) / 60)
    assert.equal(days[weekday ?? -1], parts['weekday'])
  }
})

test('the hour before a change to summer time is one, the hour after is three', () => {
  assert.equal(schedule({ scheduled_at: Date.parse('2013-03-10T06:59:00Z') }).hour, 1 + 59 / 60)
  assert.equal(schedule({ scheduled_at: Date.parse('2013-03-10T07:00:00Z') }).hour, 3)
})

test('an unknown time gives unknown columns', () => {
  assert.ok(Object.values(schedule({ scheduled_at: null })).every((value) => value === null))
})
