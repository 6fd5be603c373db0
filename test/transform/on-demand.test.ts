import { expect, test } from 'vitest'
import { FtiError } from '../../src/base/index.ts'
import { type OnDemandFunction, type OnDemandSpec, wrapOnDemand } from '../../src/transform/index.ts'

const spec: OnDemandSpec = {
  inputs: { scheduled_at: 'timestamp', distance: 'float64' },
  outputs: { hour: 'float64', weekday: 'int32' },
}
const row = { scheduled_at: '2013-06-15T13:30:00Z', distance: 100, secret: 'x' }

function codeOf(run: OnDemandFunction, values: Record<string, string | number | null> = row): string {
  try {
    wrapOnDemand(run, spec)(values)
  } catch (error) {
    if (error instanceof FtiError) return error.code
    throw error
  }
  return 'none'
}

test('gives declared inputs, timestamps as milliseconds, and returns checked outputs', () => {
  const onDemand = wrapOnDemand(({ scheduled_at }) => {
    const time = new Date(scheduled_at as number)
    return { weekday: time.getUTCDay(), hour: time.getUTCHours() }
  }, spec)
  expect(onDemand(row)).toEqual({ hour: 13, weekday: 6 })
  expect(onDemand({ ...row, scheduled_at: Date.parse(row.scheduled_at) })).toEqual({ hour: 13, weekday: 6 })
})

test('a column that is not declared cannot be read, found, or written', () => {
  const good = { hour: 1, weekday: 1 }
  expect(codeOf(({ secret }) => ({ ...good, secret }))).toBe('FTI_ON_DEMAND_INPUT')
  expect(codeOf((given) => ('secret' in given ? good : good))).toBe('FTI_ON_DEMAND_INPUT')
  expect(
    codeOf((given) => {
      Object.assign(given, { secret: 1 })
      return good
    }),
  ).toBe('FTI_ON_DEMAND_INPUT')
  expect(codeOf((given) => ({ ...good, hour: Object.keys(given).length }))).toBe('none')
  expect(codeOf((given) => ({ ...good, hour: String(given['constructor']).length }))).toBe('FTI_ON_DEMAND_INPUT')
})

test('a moment without a zone, or no moment at all, is refused', () => {
  for (const scheduled_at of ['2013-06-15T13:30:00', 'yesterday', '']) {
    expect(codeOf(() => ({ hour: 1, weekday: 1 }), { ...row, scheduled_at })).toBe('FTI_TIME_INVALID')
  }
})

test('an input that the row lacks is named', () => {
  expect(codeOf(() => ({ hour: 1, weekday: 1 }), { distance: 1 })).toBe('FTI_ON_DEMAND_INPUT')
})

test('outputs that are missing, extra or of another type are refused', () => {
  const wrong: unknown[] = [
    { hour: 1 },
    { hour: 1, weekday: 1, more: 1 },
    { hour: '1', weekday: 1 },
    { hour: 1, weekday: 1.5 },
    { hour: 1, weekday: 2 ** 40 },
    { hour: Number.POSITIVE_INFINITY, weekday: 1 },
    { hour: undefined, weekday: 1 },
    { hour: 1n, weekday: 1 },
    Promise.resolve({ hour: 1, weekday: 1 }),
    null,
    undefined,
    7,
  ]
  for (const answer of wrong) expect(codeOf(() => answer as Record<string, unknown>)).toBe('FTI_ON_DEMAND_OUTPUT')
})

test('null and NaN are unknown, whatever the type', () => {
  expect(wrapOnDemand(() => ({ hour: Number.NaN, weekday: null }), spec)(row)).toEqual({ hour: null, weekday: null })
})

test('an error of the function is told with its message', () => {
  const broken = () => {
    throw new TypeError('no such hour')
  }
  expect(codeOf(broken)).toBe('FTI_ON_DEMAND_FAILED')
  expect(() => wrapOnDemand(broken, spec)(row)).toThrow(/no such hour/)
})
