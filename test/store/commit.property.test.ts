import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Engine } from '../../src/engine/index.ts'
import { type CommitResult, commitRows } from '../../src/store/index.ts'
import { delays, published, TemporaryStore } from './temporary-store.ts'

interface Row {
  readonly origin: string
  /** Microseconds after the first of 2013. */
  readonly at: number
  readonly delay: number | null
  /** Microseconds after the event. */
  readonly lag: number
}

interface Stored extends Omit<Row, 'lag'> {
  readonly available: number
}

const first = BigInt(Date.UTC(2013, 0, 1)) * 1000n
const dayUs = 86_400_000_000

// Few keys, moments and values, so that ties, repetitions, corrections and late rows are the rule.
const row: fc.Arbitrary<Row> = fc.record({
  origin: fc.constantFrom('EWR', 'JFK', 'ewr'),
  at: fc.tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom(0, 0, 1, 999)).map(([day, us]) => day * dayUs + us),
  delay: fc.constantFrom(1, 2, null),
  lag: fc.constantFrom(0, 0, 1, 3 * dayUs),
})
/** Of some batches every row is later than the one before it, and some begin where the table ends, or right behind it. */
const batch = fc.record({
  rows: fc.array(row, { minLength: 1, maxLength: 8 }),
  from: fc.constantFrom('anywhere', 'the end', 'after the end'),
  isOrdered: fc.boolean(),
  isNumbered: fc.boolean(),
  commitDay: fc.integer({ min: 0, max: 14 }),
})
type Batch = typeof batch extends fc.Arbitrary<infer B> ? B : never

/** The rules of a commit, one row after the other. Undefined where a batch has two values for one key and time. */
function commitOne(stored: Stored[], rows: readonly Row[], commitAt: number): Partial<CommitResult> | undefined {
  const batchRows = new Map<string, Row>()
  for (const given of rows) {
    const key = `${given.at} ${given.origin}`
    const same = batchRows.get(key)
    if (same !== undefined && same.delay !== given.delay) return undefined
    if (same === undefined || given.lag < same.lag) batchRows.set(key, given)
  }
  const until = endOf(stored)
  const counts = { appended: 0, restated: 0, late: 0, unchanged: 0 }
  const added: Stored[] = []
  for (const { origin, at, delay, lag } of [...batchRows.values()].sort(byTimeAndKey)) {
    const known = stored.findLast((each) => each.origin === origin && each.at === at)
    if (known?.delay === delay) {
      counts.unchanged++
      continue
    }
    const isLate = known === undefined && at <= until
    const available = Math.max(at + lag, ...(known || isLate ? [commitAt] : []), known?.available ?? 0)
    counts.appended++
    if (known) counts.restated++
    if (isLate) counts.late++
    added.push({ origin, at, delay, available })
  }
  stored.push(...added)
  return counts
}

function endOf(stored: readonly Stored[]): number {
  return Math.max(-1, ...stored.map(({ at }) => at))
}

function begunAt(rows: readonly Row[], first: number): Row[] {
  const begun = Math.min(...rows.map(({ at }) => at))
  return rows.map((each) => ({ ...each, at: each.at - begun + Math.max(0, first) }))
}

function byTimeAndKey(a: Row, b: Row): number {
  return a.at - b.at || Buffer.compare(Buffer.from(a.origin), Buffer.from(b.origin))
}

test('whatever batches come, ordered or not, a table holds what the rules of a commit say', async () => {
  const check = async (batches: Batch[]) => {
    const cleanUps: (() => unknown)[] = []
    const store = new TemporaryStore((cleanUp) => cleanUps.unshift(cleanUp))
    try {
      const engine = await store.engine()
      const expected: Stored[] = []
      let commitAt = 0
      for (const { rows, from, isOrdered, isNumbered, commitDay } of batches) {
        const moved = from === 'anywhere' ? rows : begunAt(rows, endOf(expected) + (from === 'the end' ? 0 : 1))
        const given = isOrdered ? moved.toSorted(byTimeAndKey) : moved
        commitAt = Math.max(commitAt, commitDay * dayUs)
        const counts = commitOne(expected, given, commitAt)
        const result = commit(store, engine, { rows: given, isNumbered, now: commitAt })
        if (counts === undefined) await expect(result).rejects.toMatchObject({ code: 'FTI_DUPLICATE_KEY' })
        else expect(await result).toMatchObject(counts)
      }
      expect(await storedIn(store, engine)).toEqual(expected.map((each, index) => ({ ...each, sequence: index + 1 })))
    } finally {
      for (const cleanUp of cleanUps) await cleanUp()
    }
  }
  await fc.assert(fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 5 }), check), {
    numRuns: process.env['FTI_LONG'] ? 300 : 15,
  })
}, 600_000)

async function commit(
  store: TemporaryStore,
  engine: Engine,
  { rows, isNumbered, now }: { rows: readonly Row[]; isNumbered: boolean; now: number },
): Promise<CommitResult> {
  const time = (us: number) => `make_timestamptz(${first + BigInt(us)})`
  const values = rows.map(({ origin, at, delay, lag }) => `('${origin}', ${time(at)}, ${delay}, ${time(at + lag)})`)
  await engine.execute(`CREATE OR REPLACE TABLE given AS SELECT origin, "at", delay::DOUBLE AS delay, _declared_available_at
    FROM (VALUES ${values.join(', ')}) v(origin, "at", delay, _declared_available_at)`)
  return commitRows({
    engine,
    root: store.root,
    contract: published(delays),
    candidate: isNumbered ? '(SELECT *, rowid AS _row FROM given)' : 'given',
    rowid: isNumbered ? '_row' : undefined,
    inputDigest: 'input',
    runId: 'run',
    clock: () => new Date(Number(first / 1000n) + now / 1000),
  })
}

async function storedIn(store: TemporaryStore, engine: Engine): Promise<object[]> {
  const rows = (await store.stored(engine, published(delays))) as Record<string, string | number | null>[]
  const micros = (text: unknown) => {
    const [, us = '000'] = /\.\d{3}(\d{3})?Z$/.exec(String(text)) ?? []
    return Number(BigInt(Date.parse(String(text))) * 1000n - first) + Number(us)
  }
  return rows.map(({ origin, at, delay, _available_at, _sequence }) => ({
    origin,
    at: micros(at),
    delay,
    available: micros(_available_at),
    sequence: _sequence,
  }))
}
