import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/index.ts'
import type { JoinedGroup } from '../../src/store/index.ts'
import { explainJoin, type RowToExplain } from '../../src/store/join/explain-join.ts'
import { knownValue, type StoredValue } from './point-in-time-oracle.ts'
import { TemporaryStore } from './temporary-store.ts'

let engine: Engine
beforeEach(async () => {
  engine = await new TemporaryStore().engine()
})

const iso = (minute: number) => new Date(Date.UTC(2013, 0, 1, 12, minute)).toISOString()
const at = (minute: number) => `TIMESTAMPTZ '${iso(minute)}'`

function relation(values: readonly StoredValue[]): string {
  const rows = values.map(
    ({ key, eventTime, value, availableAt, sequence }) =>
      `('${key}', ${eventTime === null ? 'NULL::TIMESTAMPTZ' : at(eventTime)}, ${value}, ${at(availableAt)}, ${at(99)}, ${sequence})`,
  )
  const columns = 'key, happened, value, _available_at, _committed_at, _sequence'
  const none = `SELECT '' AS key, ${at(0)} AS happened, 1 AS value, ${at(0)} AS _available_at, ${at(0)} AS _committed_at, 1 AS _sequence WHERE false`
  return rows.length === 0 ? none : `SELECT * FROM (VALUES ${rows.join(', ')}) v(${columns})`
}

function group(values: readonly StoredValue[], more: Partial<JoinedGroup> = {}): JoinedGroup {
  const pick = [{ feature: 'value', column: 'value' }]
  return {
    relation: relation(values),
    name: 'g',
    on: { key: 'k' },
    pick,
    eventTime: 'happened',
    isStatic: false,
    ...more,
  }
}

const row = (t: number, more: Partial<RowToExplain> = {}): RowToExplain => ({
  spine: `SELECT 'a' AS k, ${at(t)} AS t`,
  time: 't',
  limit: 100,
  ...more,
})

const value = (eventTime: number, availableAt: number, sequence: number, key = 'a'): StoredValue => ({
  key,
  eventTime,
  availableAt,
  sequence,
  value: sequence,
})

test('every stored value of the entity gets its verdict, newest event first', async () => {
  const values = [
    value(0, 0, 1),
    value(20, 21, 2),
    value(30, 31, 3),
    value(30, 35, 4),
    value(38, 45, 5),
    value(41, 39, 6),
    value(50, 51, 7),
    value(39, 39, 8, 'b'),
  ]
  const { candidates, counts } = await explainJoin(engine, row(40), group(values, { maxAgeMs: 25 * 60_000 }))
  expect(candidates.map(({ sequence, verdict }) => [sequence, verdict])).toEqual([
    [7, 'not yet known'],
    [6, 'not yet true'],
    [5, 'not yet known'],
    [4, 'chosen'],
    [3, 'superseded'],
    [2, 'superseded'],
    [1, 'too old'],
  ])
  expect(counts).toEqual({ chosen: 1, superseded: 2, 'too old': 1, 'not yet known': 2, 'not yet true': 1 })
  expect(candidates[3]).toEqual({
    verdict: 'chosen',
    values: { value: 4 },
    eventTime: iso(30),
    availableAt: iso(35),
    committedAt: iso(99),
    sequence: 4,
  })
})

test('a limit keeps the nearest on both sides, and the chosen one in any case', async () => {
  const late = Array.from({ length: 5 }, (_, n) => value(30 + n, 60, 10 + n))
  const values = [value(10, 10, 1), ...late, value(50, 50, 20), value(55, 55, 21)]
  const { candidates, counts } = await explainJoin(engine, row(40, { limit: 1 }), group(values))
  expect(candidates.map(({ sequence, verdict }) => [sequence, verdict])).toEqual([
    [20, 'not yet known'],
    [14, 'not yet known'],
    [1, 'chosen'],
  ])
  expect(counts['not yet known']).toBe(7)
})

test('a static value has no event time, and where availability is ignored it was known always', async () => {
  const values = [
    { ...value(0, 10, 1), eventTime: null },
    { ...value(0, 50, 2), eventTime: null },
  ]
  const fixed = group(values, { isStatic: true, eventTime: undefined })
  const found = await explainJoin(engine, row(40), fixed)
  expect(found.candidates.map(({ eventTime, verdict }) => [eventTime, verdict])).toEqual([
    [null, 'not yet known'],
    [null, 'chosen'],
  ])
  const ignoring = await explainJoin(engine, row(40, { ignoreAvailableAt: true }), fixed)
  expect(ignoring.candidates.map(({ sequence, verdict }) => [sequence, verdict])).toEqual([
    [2, 'chosen'],
    [1, 'superseded'],
  ])
})

test('the chosen value is the one that the definition of the join names', async () => {
  const minute = fc.integer({ min: 0, max: 12 })
  const values = fc
    .array(fc.tuple(minute, minute), { maxLength: 8 })
    .map((rows) => rows.map(([event, lag], n) => value(event, event + (lag > 6 ? lag - 6 : 0), n + 1)))
  const rules = fc.record({
    maxAge: fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined }),
    ignoreAvailableAt: fc.boolean(),
    shift: fc.constantFrom(0, 0, 2),
  })
  await fc.assert(
    fc.asyncProperty(values, minute, rules, async (stored, t, rule) => {
      const asked = row(t, {
        ignoreAvailableAt: rule.ignoreAvailableAt,
        shiftAvailabilityMs: rule.shift * 60_000,
      })
      const maxAgeMs = rule.maxAge === undefined ? undefined : rule.maxAge * 60_000
      const { candidates, counts } = await explainJoin(engine, asked, group(stored, { maxAgeMs }))
      const expected = knownValue(stored, 'a', t, rule)
      const chosen = candidates.filter(({ verdict }) => verdict === 'chosen').map(({ sequence }) => sequence)
      expect(chosen).toEqual(expected.chosen === undefined ? [] : [expected.chosen.sequence])
      if (expected.tooOld) expect(counts['too old']).toBeGreaterThan(0)
      expect(candidates).toHaveLength(stored.length)
    }),
    { numRuns: 60 },
  )
})
