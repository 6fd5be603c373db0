import fc from 'fast-check'
import { expect, test } from 'vitest'
import { latestRelation, readSnapshot, tablePath } from '../../src/store/index.ts'
import { delayRows, delays, published, TemporaryStore } from './temporary-store.ts'

interface Given {
  readonly origin: string
  readonly hour: number
  readonly delay: number | null
}

interface Stored extends Given {
  readonly availableHour: number
}

const batch = fc.uniqueArray(
  fc.record({
    origin: fc.constantFrom('JFK', 'EWR'),
    hour: fc.integer({ min: 0, max: 5 }),
    delay: fc.constantFrom(null, 1, 2),
  }),
  { selector: ({ origin, hour }) => `${origin}${hour}`, maxLength: 6 },
)

/** DESIGN "Availability" word for word, row by row. Declared is one hour after the event; commits are at whole hours. */
function commitByHand(table: Stored[], rows: readonly Given[], commitHour: number): void {
  const mark = Math.max(-1, ...table.map((row) => row.hour))
  const ordered = [...rows].sort((a, b) => a.hour - b.hour || (a.origin < b.origin ? -1 : 1))
  for (const row of ordered) {
    const before = table.findLast((stored) => stored.origin === row.origin && stored.hour === row.hour)
    if (before?.delay === row.delay) continue
    const declared = row.hour + 1
    const held = before !== undefined || row.hour <= mark
    table.push({ ...row, availableHour: held ? Math.max(declared, commitHour, before?.availableHour ?? 0) : declared })
  }
}

test('any sequence of batches stores what the rules say, row by row', async () => {
  const store = new TemporaryStore()
  const engine = await store.engine()
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 4 }), async (batches) => {
      const contract = published({ ...delays, group: `g${run++}` })
      const expected: Stored[] = []
      for (const [index, rows] of batches.entries()) {
        if (rows.length === 0) continue
        const given = delayRows(
          ...rows.map((row) => [row.origin, at(row.hour), row.delay] as [string, string, number | null]),
        )
        await store.commit(engine, contract, given, `2013-01-01T0${index * 2}:00:00Z`)
        commitByHand(expected, rows, index * 2)
      }
      const stored = (await store.stored(engine, contract)) as Record<string, unknown>[]
      expect(
        stored.map((row) => [row['origin'], row['at'], row['delay'], row['_available_at'], row['_sequence']]),
      ).toEqual(expected.map((row, index) => [row.origin, iso(row.hour), row.delay, iso(row.availableHour), index + 1]))
      const latest = new Map(expected.map((row) => [`${row.origin} ${iso(row.hour)}`, row.delay]))
      const relation = latestRelation(
        await readSnapshot(tablePath(store.root, contract.contract.group, 1)),
        contract.contract,
      )
      const found = await engine.rows<{ origin: string; at: string; delay: number | null }>(relation)
      expect(new Map(found.map((row) => [`${row.origin} ${row.at}`, row.delay]))).toEqual(latest)
      expect(found).toHaveLength(latest.size)
    }),
    { numRuns: 40 },
  )
})

function at(hour: number): string {
  return `2013-01-01 0${hour}:00`
}

function iso(hour: number): string {
  return `2013-01-01T0${hour}:00:00.000Z`
}
