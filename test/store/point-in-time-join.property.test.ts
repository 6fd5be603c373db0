import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/index.ts'
import { type JoinedGroup, type JoinRequest, pointInTimeJoin } from '../../src/store/index.ts'
import { knownValue, type Rules, type StoredValue } from './point-in-time-oracle.ts'

let directory: string
let engine: Engine
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fti-join-'))
  engine = await openEngine({ tempDirectory: directory, allowedDirectories: [directory], threads: 2 })
})
afterAll(async () => {
  await engine.close()
  await rm(directory, { recursive: true })
})

// Few keys and few moments, so that ties, late arrivals, restated values and duplicates are the rule.
const key = fc.constantFrom('a', 'b', 'c')
const moment = fc.integer({ min: 0, max: 12 })
const stored = (isStatic: boolean) =>
  fc
    .array(
      fc.record({
        key,
        eventTime: isStatic ? fc.constant(null) : moment,
        availableAt: moment,
        value: fc.option(fc.integer({ min: 0, max: 99 })),
      }),
      { maxLength: 14 },
    )
    .map((rows) => rows.map((row, sequence): StoredValue => ({ ...row, sequence })))
const spineRow = fc.record({ key: fc.option(key, { freq: 6 }), other: fc.option(key), t: moment })
const scene = fc.record({
  spine: fc.array(spineRow, { maxLength: 10 }).map((rows) => [...rows, ...rows.slice(0, 2)]),
  events: stored(false),
  statics: stored(true),
})
const rules: fc.Arbitrary<Rules> = fc.record({
  maxAge: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
  ignoreAvailableAt: fc.constantFrom(false, false, false, true),
  shift: fc.constantFrom(0, 0, -2, 3),
})
type Scene = typeof scene extends fc.Arbitrary<infer S> ? S : never

test('every plan agrees with the brute-force answer', async () => {
  const check = async (scenes: Scene[], rule: Rules) => {
    await load(scenes)
    for (const plan of ['window', 'frontier', 'auto'] as const) await compare(scenes, rule, plan)
  }
  await fc.assert(fc.asyncProperty(fc.array(scene, { minLength: 15, maxLength: 25 }), rules, check), { numRuns: 25 })
}, 60_000)

// Many values of few keys over a long time: a window is narrow there, and some spine rows find their value before it.
const sparse = fc.integer({ min: 0, max: 4000 })
const longScene = fc.record({
  spine: fc.array(fc.record({ key: fc.option(key, { freq: 20 }), other: fc.option(key), t: sparse }), {
    maxLength: 30,
  }),
  events: fc
    .array(
      fc.record({
        key,
        eventTime: sparse,
        lag: fc.constantFrom(0, 0, 0, 1, 40, 3000),
        value: fc.option(fc.integer({ min: 0, max: 99 })),
      }),
      { minLength: 60, maxLength: 120 },
    )
    .map((rows) =>
      rows.map(({ lag, ...row }, sequence): StoredValue => ({ ...row, availableAt: row.eventTime + lag, sequence })),
    ),
  statics: stored(true),
})

// Of many values most lie outside of what a spine of a short time can meet.
const parts = fc.constantFrom({ from: 0, to: 4000 }, { from: 1900, to: 2000 }, { from: 3900, to: 6000 })

test('every plan agrees with the brute-force answer where a window is short and values are many', async () => {
  const check = async (all: Scene[], maxAge: number | undefined, { from, to }: { from: number; to: number }) => {
    const within = (t: number) => from + Math.floor((t * (to - from)) / 4000)
    const scenes = all.map((scene) => ({ ...scene, spine: scene.spine.map((row) => ({ ...row, t: within(row.t) })) }))
    await load(scenes)
    for (const plan of ['window', 'frontier', 'auto'] as const) await compare(scenes, { maxAge }, plan)
  }
  const maxAges = fc.constantFrom(undefined, 3, 60, 1500)
  const scenes = fc.array(longScene, { minLength: 5, maxLength: 8 })
  await fc.assert(fc.asyncProperty(scenes, maxAges, parts, check), { numRuns: 12 })
}, 60_000)

/** Many scenes are one join: each has a number that is part of the key. */
async function load(scenes: readonly Scene[]): Promise<void> {
  const spine = scenes.flatMap(({ spine }, n) => spine.map((row) => [n, row.key, row.other, at(row.t)]))
  await fill('spine', 'scene INT, key TEXT, other TEXT, t TIMESTAMPTZ', spine)
  for (const name of ['events', 'statics'] as const) {
    const columns = `scene INT, key TEXT, happened TIMESTAMPTZ, value INT, ${system}`
    const rows = scenes.flatMap((scene, n) =>
      scene[name].map((row) => [
        n,
        row.key,
        at(row.eventTime),
        row.value,
        at(row.availableAt),
        n * 1000 + row.sequence,
      ]),
    )
    await fill(name, columns, rows)
  }
}

const system = '_available_at TIMESTAMPTZ, _sequence BIGINT'

async function fill(table: string, columns: string, rows: readonly (string | number | null)[][]): Promise<void> {
  await engine.execute(`CREATE OR REPLACE TABLE ${table} (${columns})`)
  const text = (value: string | number | null) => (typeof value === 'string' ? `'${value}'` : String(value))
  const values = rows.map((row) => `(${row.map(text).join(', ')})`)
  if (values.length > 0) await engine.execute(`INSERT INTO ${table} VALUES ${values.join(', ')}`)
}

function at(second: number | null): string | null {
  return second === null ? null : new Date(Date.UTC(2020, 0, 1, 0, 0, second)).toISOString()
}

function groups(maxAgeMs: number | undefined): JoinedGroup[] {
  const events = { relation: 'events', eventTime: 'happened', isStatic: false } as const
  const pick = (column: string) => [{ feature: 'value', column }]
  return [
    { ...events, name: 'aged', on: { scene: 'scene', key: 'key' }, pick: pick('aged'), maxAgeMs },
    { ...events, name: 'other', on: { scene: 'scene', key: 'other' }, pick: pick('other_value') },
    { relation: 'statics', isStatic: true, name: 'fixed', on: { scene: 'scene', key: 'key' }, pick: pick('fixed') },
  ]
}

async function compare(scenes: readonly Scene[], rule: Rules, plan: 'auto' | 'window' | 'frontier'): Promise<void> {
  await engine.execute('DROP TABLE IF EXISTS joined')
  const request: JoinRequest = {
    spine: 'SELECT * FROM spine',
    time: 't',
    groups: groups(rule.maxAge === undefined ? undefined : rule.maxAge * 1000),
    output: 'joined',
    ignoreAvailableAt: rule.ignoreAvailableAt,
    shiftAvailabilityMs: (rule.shift ?? 0) * 1000,
    withSources: true,
    plan,
  }
  const report = await pointInTimeJoin(engine, request)
  const answers = scenes.flatMap((scene) =>
    scene.spine.map((row) => [
      knownValue(scene.events, row.key, row.t, rule),
      knownValue(scene.events, row.other, row.t, { ...rule, maxAge: undefined }),
      knownValue(scene.statics, row.key, row.t, rule),
    ]),
  )
  const rows = await engine.rows<Record<string, unknown>>('SELECT * FROM joined ORDER BY _row')
  expect(rows.map((row) => [row['aged'], row['other_value'], row['fixed']])).toEqual(
    answers.map((row) => row.map(({ chosen }) => chosen?.value ?? null)),
  )
  expect(rows.map((row) => row['_aged_event_time'])).toEqual(
    answers.map(([aged]) => at(aged?.chosen?.eventTime ?? null)),
  )
  expect(report.rows).toBe(answers.length)
  expect(report.groups.map(({ matched, tooOld }) => [matched, tooOld])).toEqual(
    [0, 1, 2].map((group) => [
      answers.filter((row) => row[group]?.chosen !== undefined).length,
      answers.filter((row) => row[group]?.tooOld).length,
    ]),
  )
}
