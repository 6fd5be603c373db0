import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Contract } from '../../src/contract/index.ts'
import type { Engine } from '../../src/engine/index.ts'
import { type JoinedGroup, pointInTimeJoin, rawRelation, readSnapshot, tablePath } from '../../src/store/index.ts'
import { knownValue, type Rules, type StoredValue } from '../store/point-in-time-oracle.ts'
import { published, TemporaryStore } from '../store/temporary-store.ts'
import { say } from './flights-project.ts'

const tables = 100
/** Of each table. A case has keys of its own. */
const casesOfTable = 100
const plans = ['window', 'frontier', 'auto'] as const

interface Given {
  readonly key: string
  /** Seconds, as all times here. */
  readonly eventTime: number
  /** How long after its event the owner says that the value was known. */
  readonly lag: number
  readonly value: number | null
  readonly isDeleted: boolean
}

interface SpineRow {
  readonly key: string | null
  readonly other: string | null
  readonly t: number
}

interface Case {
  readonly spine: readonly SpineRow[]
  /** What each commit brings. */
  readonly events: readonly (readonly Given[])[]
  readonly statics: readonly (readonly Given[])[]
}

const commitEvery = 6
const commits = 4

// Few keys, moments and values, so that ties, late rows, corrections and values that were there before are the rule.
const key = fc.constantFrom('a', 'b', 'c')
const given = (from: number, to: number) =>
  fc.record({
    key,
    eventTime: fc.integer({ min: Math.max(0, from), max: to }),
    lag: fc.constantFrom(0, 0, 1, 4, 15),
    value: fc.option(fc.integer({ min: 0, max: 9 }), { freq: 6 }),
    isDeleted: fc.constantFrom(false, false, false, false, true),
  })
const commitsOf = (isStatic: boolean) =>
  fc.tuple(
    ...Array.from({ length: commits }, (_, n) =>
      fc.uniqueArray(isStatic ? given(0, 0) : given(commitEvery * (n - 2), commitEvery * (n + 1)), {
        selector: ({ key, eventTime }) => `${key} ${eventTime}`,
        maxLength: 5,
      }),
    ),
  )
const spineRow = fc.record({
  key: fc.option(key, { freq: 8 }),
  other: fc.option(key, { freq: 8 }),
  t: fc.integer({ min: 0, max: commitEvery * (commits + 2) }),
})
const oneCase: fc.Arbitrary<Case> = fc.record({
  spine: fc.array(spineRow, { minLength: 1, maxLength: 10 }).map((rows) => [...rows, ...rows.slice(0, 2)]),
  events: commitsOf(false),
  statics: commitsOf(true),
})
const rules: fc.Arbitrary<Rules> = fc.record({
  maxAge: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
  ignoreAvailableAt: fc.constantFrom(false, false, false, false, true),
  shift: fc.constantFrom(0, 0, 0, -2, 3),
})

interface Tally {
  cases: number
  spineRows: number
  answers: number
  corrections: number
  tombstones: number
  /** Answers that a correction or a late row would have changed, had it been known before its commit. */
  heldBack: number
  differences: number
}

test('10,000 random cases: every plan answers as brute force does, each spine row once, no correction before its time', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  const tally = { cases: 0, spineRows: 0, answers: 0, corrections: 0, tombstones: 0, heldBack: 0, differences: 0 }
  let table = 0
  const check = async (cases: Case[], rule: Rules) => {
    const scene = await Scene.store(store, engine, cases, table++)
    tally.cases += cases.length
    tally.spineRows += cases.flatMap(({ spine }) => spine).length
    for (const plan of plans) await scene.compare(rule, plan, tally)
  }
  const seed = Number(process.env['FTI_SEED'] ?? 20261121)
  try {
    const caseLists = fc.array(oneCase, { minLength: casesOfTable, maxLength: casesOfTable })
    await fc.assert(fc.asyncProperty(caseLists, rules, check), { numRuns: tables, seed, endOnFailure: true })
  } finally {
    const { cases, spineRows, answers, corrections, tombstones, heldBack, differences } = tally
    say(
      `point-in-time join: ${cases} cases, ${spineRows} spine rows, ${answers} answers of ${plans.length} plans and 3 groups, ` +
        `${corrections} of them corrected, ${tombstones} deleted, ${heldBack} kept from knowing too early; differences ${differences}`,
    )
  }
  expect(tally).toMatchObject({ cases: tables * casesOfTable, differences: 0 })
  for (const count of [tally.corrections, tally.tombstones, tally.heldBack]) expect(count).toBeGreaterThan(1000)
}, 1_800_000)

/** A stored row as DESIGN "Availability" has it, by hand. */
interface Kept extends StoredValue {
  readonly isDeleted: boolean
  /** When the commit was that corrected a value with it, or brought it late. */
  readonly heldUntil: number | undefined
}

interface StoredGroup {
  /** SQL of what the store has. */
  readonly relation: string
  readonly kept: ReadonlyMap<string, readonly Kept[]>
}

/** Cases in one table of each group, and the same by hand. */
class Scene {
  readonly #engine: Engine
  readonly #spine: readonly SpineRow[]
  readonly #groups: readonly StoredGroup[]

  private constructor(engine: Engine, spine: readonly SpineRow[], groups: readonly StoredGroup[]) {
    this.#engine = engine
    this.#spine = spine
    this.#groups = groups
  }

  static async store(store: TemporaryStore, engine: Engine, cases: readonly Case[], table: number): Promise<Scene> {
    const groups: StoredGroup[] = []
    for (const kind of ['events', 'statics'] as const) {
      const isStatic = kind === 'statics'
      const contract: Contract = { ...contractOf(isStatic), group: `${kind}${table}` }
      const kept = new Map<string, Kept[]>()
      let mark = Number.NEGATIVE_INFINITY
      for (let n = 0; n < commits; n++) {
        const rows = cases.flatMap((each, number) =>
          (each[kind][n] ?? []).map((row) => ({ ...row, key: `${number} ${row.key}` })),
        )
        await store.commit(engine, published(contract), candidateOf(rows, isStatic), at(commitAt(n)))
        mark = keep(kept, rows, { commit: commitAt(n), mark, isStatic })
      }
      const snapshot = await readSnapshot(tablePath(store.root, contract.group, 1))
      groups.push({ relation: rawRelation(snapshot, contract), kept })
    }
    const spine = cases.flatMap(({ spine }, number) =>
      spine.map(({ key, other, t }) => ({ key: key && `${number} ${key}`, other: other && `${number} ${other}`, t })),
    )
    const values = spine.map(({ key, other, t }, id) => `(${id}, ${text(key)}, ${text(other)}, TIMESTAMPTZ '${at(t)}')`)
    await engine.execute('CREATE OR REPLACE TABLE spine (id INT, key TEXT, other TEXT, t TIMESTAMPTZ)')
    await engine.execute(`INSERT INTO spine VALUES ${values.join(', ')}`)
    return new Scene(engine, spine, groups)
  }

  async compare(rule: Rules, plan: (typeof plans)[number], tally: Tally): Promise<void> {
    await this.#engine.execute('DROP TABLE IF EXISTS joined')
    const [events, statics] = this.#groups
    if (!events || !statics) throw new Error('there are two groups')
    const maxAgeMs = rule.maxAge === undefined ? undefined : rule.maxAge * 1000
    const report = await pointInTimeJoin(this.#engine, {
      ...{ spine: 'SELECT * FROM spine', time: 't', output: 'joined', plan, withSources: true },
      ...{ ignoreAvailableAt: rule.ignoreAvailableAt, shiftAvailabilityMs: (rule.shift ?? 0) * 1000 },
      groups: [
        { ...use(events.relation, 'aged', 'key'), eventTime: 'happened', isStatic: false, maxAgeMs },
        { ...use(events.relation, 'others', 'other'), eventTime: 'happened', isStatic: false },
        { ...use(statics.relation, 'fixed', 'key'), isStatic: true },
      ],
    })
    const ageless = { ...rule, maxAge: undefined }
    const joined = await this.#engine.rows<Record<string, unknown>>('SELECT * FROM joined ORDER BY id')
    // Each spine row exactly once, the ones that repeat another too.
    expect(joined.map(({ id }) => id)).toEqual(this.#spine.map((_, id) => id))
    expect(report.rows).toBe(this.#spine.length)
    const wrong: object[] = []
    for (const [id, { key, other, t }] of this.#spine.entries()) {
      const answers = [
        { name: 'aged', ...this.#answer(events.kept, key, t, rule, tally) },
        { name: 'others', ...this.#answer(events.kept, other, t, ageless, tally) },
        { name: 'fixed', ...this.#answer(statics.kept, key, t, ageless, tally) },
      ]
      for (const { name, value, eventTime } of answers) {
        const found = [joined[id]?.[name], name === 'fixed' ? null : joined[id]?.[`_${name}_event_time`]]
        if (JSON.stringify(found) !== JSON.stringify([value, eventTime === null ? null : at(eventTime)]))
          wrong.push({ plan, rule, name, key, other, t, found, value, eventTime })
      }
    }
    tally.differences += wrong.length
    expect(wrong.slice(0, 3)).toEqual([])
  }

  #answer(kept: ReadonlyMap<string, readonly Kept[]>, key: string | null, t: number, rule: Rules, tally: Tally) {
    const values = (key === null ? undefined : kept.get(key)) ?? []
    const chosen = knownValue(values, key, t, rule).chosen as Kept | undefined
    tally.answers++
    if (chosen?.isDeleted) tally.tombstones++
    const isHonest = !rule.ignoreAvailableAt && !rule.shift
    if (isHonest && chosen?.heldUntil !== undefined) {
      tally.corrections++
      // The rule that matters, said once more without the available times that both sides compute with.
      if (chosen.heldUntil > t) throw new Error(`a correction of ${chosen.heldUntil} is known at ${t}`)
    }
    const foreseen = isHonest ? knownValue(values, key, t, { ...rule, ignoreAvailableAt: true }).chosen : chosen
    const early = foreseen as Kept | undefined
    if (early !== chosen && early?.heldUntil !== undefined && early.heldUntil > t) tally.heldBack++
    return { value: chosen?.value ?? null, eventTime: chosen?.eventTime ?? null }
  }
}

/** Adds what a commit stores; the latest event time from then on. */
function keep(
  kept: Map<string, Kept[]>,
  rows: readonly Given[],
  { commit, mark, isStatic }: { readonly commit: number; readonly mark: number; readonly isStatic: boolean },
): number {
  for (const { key, eventTime: happened, lag, isDeleted, value: told } of rows) {
    const eventTime = isStatic ? null : happened
    const value = isDeleted ? null : told
    const stored = kept.get(key) ?? []
    const before = stored.findLast((row) => row.eventTime === eventTime)
    if (before && before.value === value && before.isDeleted === isDeleted) continue
    const declared = isStatic ? Number.NEGATIVE_INFINITY : happened + lag
    const isHeld = before !== undefined || (!isStatic && happened <= mark)
    const availableAt = isHeld ? Math.max(declared, commit, before?.availableAt ?? commit) : declared
    const heldUntil = isHeld ? commit : undefined
    kept.set(key, [...stored, { key, eventTime, availableAt, sequence: stored.length, value, isDeleted, heldUntil }])
  }
  return Math.max(mark, ...rows.map(({ eventTime }) => eventTime))
}

const commitAt = (n: number) => commitEvery * (n + 1)

function contractOf(isStatic: boolean): Omit<Contract, 'group'> {
  return {
    entity: { name: 'thing', key: { key: 'string' } },
    isStatic,
    ...(isStatic ? {} : { eventTime: 'happened', availability: { kind: 'column', column: 'known' } as const }),
    deleted: 'gone',
    features: [{ name: 'value', type: 'int32', nullable: true }],
    expectations: { rows: [], batch: [] },
  }
}

function candidateOf(rows: readonly Given[], isStatic: boolean): string {
  const values = rows.map(({ key, eventTime, lag, value, isDeleted }) => {
    const times = isStatic ? 'NULL, NULL' : `TIMESTAMPTZ '${at(eventTime)}', TIMESTAMPTZ '${at(eventTime + lag)}'`
    return `('${key}', ${times}, ${isDeleted ? null : value}, ${isDeleted})`
  })
  return `SELECT key::VARCHAR AS key, ${isStatic ? '' : 'happened, '} value::INT AS value, gone,
    known::TIMESTAMPTZ AS _declared_available_at FROM (VALUES ${values.join(', ')}) v(key, happened, known, value, gone)`
}

function use(relation: string, name: string, column: string): Omit<JoinedGroup, 'isStatic'> {
  return { relation, name, on: { key: column }, pick: [{ feature: 'value', column: name }] }
}

function at(second: number): string {
  return new Date(Date.UTC(2020, 0, 1, 0, 0, second)).toISOString()
}

function text(value: string | null): string {
  return value === null ? 'NULL' : `'${value}'`
}
