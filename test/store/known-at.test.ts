import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/index.ts'
import { type GroupView, knownAt } from '../../src/store/index.ts'
import { knownValue, type StoredValue } from './point-in-time-oracle.ts'
import { delays, published } from './temporary-store.ts'

let directory: string
let engine: Engine
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fti-known-'))
  engine = await openEngine({ tempDirectory: directory, allowedDirectories: [directory], threads: 2 })
})
afterAll(async () => {
  await engine.close()
  rmSync(directory, { recursive: true })
})

const time = (moment: number) => new Date(Date.UTC(2013, 0, 1, moment)).toISOString()

// Few keys and moments, so that late, restated and tied rows are the rule.
const rows = fc
  .array(
    fc.record({
      key: fc.constantFrom('JFK', 'LGA'),
      eventTime: fc.integer({ min: 0, max: 6 }),
      availableAt: fc.integer({ min: 0, max: 6 }),
      value: fc.option(fc.integer({ min: 0, max: 99 })),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((list) => list.map((row, sequence): StoredValue => ({ ...row, sequence })))

function viewOf(values: readonly StoredValue[], isStatic: boolean): GroupView {
  const tuples = values.map(
    ({ key, eventTime, availableAt, sequence, value }) =>
      `('${key}', TIMESTAMPTZ '${time(eventTime ?? 0)}', ${value}::DOUBLE, TIMESTAMPTZ '${time(availableAt)}', ${sequence}::BIGINT)`,
  )
  const contract = isStatic ? { ...delays, isStatic, eventTime: undefined } : delays
  return {
    published: published(contract),
    raw: `SELECT * FROM (VALUES ${tuples.join(', ')}) v(origin, "at", delay, _available_at, _sequence)`,
  } as GroupView
}

test.each([false, true])(
  'what was known at a moment is what the join would take for a row of that moment; static: %s',
  async (isStatic) => {
    const check = async (values: StoredValue[], moment: number) => {
      const stored = isStatic ? values.map((row) => ({ ...row, eventTime: null })) : values
      const found = await engine.rows<{ origin: string; delay: number | null; _sequence: number }>(
        knownAt(viewOf(values, isStatic), new Date(time(moment))),
      )
      for (const key of ['JFK', 'LGA']) {
        const { chosen } = knownValue(stored, key, moment, {})
        expect(found.filter(({ origin }) => origin === key).map(({ _sequence, delay }) => [_sequence, delay])).toEqual(
          chosen ? [[chosen.sequence, chosen.value]] : [],
        )
      }
    }
    await fc.assert(fc.asyncProperty(rows, fc.integer({ min: 0, max: 7 }), check), { numRuns: 60 })
  },
)

test('a condition limits the keys that are looked at, not the values among which the newest is chosen', async () => {
  const values = [1, 2].map((n) => ({ key: 'JFK', eventTime: n, availableAt: n, sequence: n, value: n }))
  const view = viewOf([...values, { key: 'LGA', eventTime: 1, availableAt: 1, sequence: 3, value: 3 }], false)
  const found = await engine.rows<object>(knownAt(view, new Date(time(6)), "origin = 'JFK'"))
  expect(found).toMatchObject([{ origin: 'JFK', delay: 2 }])
})
