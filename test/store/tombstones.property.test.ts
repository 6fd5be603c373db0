import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Contract } from '../../src/contract/index.ts'
import { knownAt, latestRelation, openGroup, pointInTimeJoin, publishContract } from '../../src/store/index.ts'
import { knownValue, type StoredValue } from './point-in-time-oracle.ts'
import { delays, published, TemporaryStore } from './temporary-store.ts'

const contract: Contract = { ...delays, deleted: 'gone' }
const keys = ['JFK', 'LGA']
const hour = (n: number) => new Date(Date.UTC(2013, 0, 1, n)).toISOString()

/** Rows of one commit, at most one for a key and event time; each available when it happened, or when it was committed. */
const batch = fc.uniqueArray(
  fc.record({
    key: fc.constantFrom(...keys),
    at: fc.integer({ min: 0, max: 5 }),
    value: fc.integer(),
    gone: fc.boolean(),
  }),
  { selector: ({ key, at }) => `${key} ${at}`, minLength: 1, maxLength: 5 },
)
type Row = typeof batch extends fc.Arbitrary<(infer Item)[]> ? Item : never

function candidate(rows: readonly Row[]): string {
  const values = rows.map(
    ({ key, at, value, gone }) => `('${key}', TIMESTAMPTZ '${hour(at)}', ${gone ? 'NULL' : value}::DOUBLE, ${gone})`,
  )
  return `SELECT origin::VARCHAR AS origin, "at", delay, gone, "at" AS _declared_available_at
    FROM (VALUES ${values.join(', ')}) v(origin, "at", delay, gone)`
}

test('what was deleted is null in a join, and no value at all elsewhere, from when that was known until there is another value', async () => {
  const check = async (batches: Row[][]) => {
    const store = new TemporaryStore()
    const engine = await store.engine()
    const now = new Date(hour(0))
    await publishContract(store.root, contract, { version: 1, changes: [], class: 'first', by: 'test', now })
    for (const [n, rows] of batches.entries())
      await store.commit(engine, published(contract), candidate(rows), hour(4 + 2 * n))
    const view = await openGroup(store.root, 'delays')
    const stored = await engine.rows<Record<'key' | 'et' | 'aa' | 'seq' | 'delay', number> & { gone: boolean }>(
      `SELECT origin AS key, epoch_ms("at")::DOUBLE AS et, epoch_ms(_available_at)::DOUBLE AS aa, _sequence AS seq, delay, gone FROM (${view.raw})`,
    )
    const values = stored.map(({ key, et, aa, seq, delay, gone }): StoredValue & { gone: boolean } => {
      return { key: String(key), eventTime: et, availableAt: aa, sequence: seq, value: delay, gone }
    })
    const moments = Array.from({ length: 14 }, (_, n) => n)
    const spine = keys.flatMap((key) => moments.map((n) => `('${key}', TIMESTAMPTZ '${hour(n)}')`))
    await pointInTimeJoin(engine, {
      spine: `SELECT * FROM (VALUES ${spine.join(', ')}) s(origin, t)`,
      time: 't',
      groups: [
        {
          ...{ relation: view.raw, name: 'delays', on: { origin: 'origin' }, eventTime: 'at', isStatic: false },
          pick: [{ feature: 'delay', column: 'delay' }],
        },
      ],
      output: 'joined',
    })
    const joined = await engine.rows<{ delay: number | null }>('SELECT delay FROM joined ORDER BY _row')
    const oracle = (key: string, n: number) => {
      const { chosen } = knownValue(values, key, Date.parse(hour(n)), {})
      return values.find(({ sequence, gone }) => sequence === chosen?.sequence && !gone)
    }
    expect(joined.map(({ delay }) => delay)).toEqual(
      keys.flatMap((key) => moments.map((n) => oracle(key, n)?.value ?? null)),
    )
    for (const n of moments) {
      const known = await engine.rows<{ seq: number }>(
        `SELECT _sequence AS seq FROM (${knownAt(view, new Date(hour(n)))}) ORDER BY origin`,
      )
      expect(known.map(({ seq }) => seq)).toEqual(keys.flatMap((key) => oracle(key, n)?.sequence ?? []))
    }
    const latest = await engine.rows<{ key: string; et: number }>(
      `SELECT origin AS key, epoch_ms("at")::DOUBLE AS et FROM (${latestRelation(view.snapshot, contract)}) ORDER BY ALL`,
    )
    const newest = new Map(
      values.toSorted((a, b) => a.sequence - b.sequence).map((row) => [`${row.key} ${row.eventTime}`, row]),
    )
    expect(latest.map(({ key, et }) => `${key} ${et}`)).toEqual(
      [...newest].flatMap(([name, { gone }]) => (gone ? [] : [name])).sort(),
    )
    await engine.execute('DROP TABLE joined')
  }
  await fc.assert(fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 4 }), check), { numRuns: 15 })
}, 120_000)
