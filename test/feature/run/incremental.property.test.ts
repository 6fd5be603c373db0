import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseExtent } from '../../../src/feature/index.ts'
import { TemporaryProject } from '../temporary-project.ts'

const lookbackHours = 6
const stamp = (hour: number) => new Date(Date.UTC(2013, 0, 1, hour)).toISOString()

/** Rows of one delivery: so many hours after the newest one of before, negative for late ones, but never later than the lookback. */
const delivery = fc.array(
  fc.record({
    key: fc.constantFrom('JFK', 'LGA'),
    after: fc.integer({ min: -lookbackHours, max: 12 }),
    delay: fc.integer({ min: 0, max: 99 }),
  }),
  { minLength: 1, maxLength: 6 },
)
type Row = typeof delivery extends fc.Arbitrary<(infer Item)[]> ? Item : never

const windows = {
  delay: { type: 'float64', aggregate: { sum: 'delay', over: '9h' } },
  flights: { type: 'int64', aggregate: { count: '*', over: '3h' } },
}

/** Each delivery corrects or adds rows; gives what the source holds after each of them. */
function sourceAfterEach(deliveries: readonly (readonly Row[])[]): string[] {
  const held = new Map<string, string>()
  let newest = 24
  return deliveries.map((rows) => {
    const base = newest
    for (const { key, after, delay } of rows) {
      held.set(`${key},${stamp(base + after)}`, `${delay}`)
      newest = Math.max(newest, base + after)
    }
    return `origin,at,delay\n${[...held].map(([identity, delay]) => `${identity},${delay}\n`).join('')}`
  })
}

async function newestValues(project: TemporaryProject): Promise<object[]> {
  const rows = await project.stored<{ origin: string; at: string; delay: number; flights?: number }>()
  const newest = new Map(
    rows.map(({ origin, at, delay, flights }) => [`${origin} ${at}`, { origin, at, delay, flights }]),
  )
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}

test.each([
  ['rows', { delay: 'float64' }],
  ['windows', windows],
])(
  'runs over what is new leave the same %s as one over everything, where rows come no later than the lookback',
  async (_, features) => {
    const check = async (deliveries: Row[][]) => {
      const incremental = { column: 'at', lookback: `${lookbackHours}h` }
      const project = new TemporaryProject({ delays: { features, incremental } })
      let computed = 0
      for (const source of sourceAfterEach(deliveries)) {
        project.write('data/flights.csv', source)
        const { outcome, error } = await project.runDelays()
        expect(error).toBeUndefined()
        computed += outcome?.rows ?? 0
      }
      const incrementally = await newestValues(project)
      const all = await project.runDelays({ extent: { kind: 'full' } })
      expect(all.outcome).toMatchObject({ appended: 0, restated: 0, rows: incrementally.length })
      const whole = new TemporaryProject({ delays: { features } })
      whole.write('data/flights.csv', project.read('data/flights.csv'))
      await whole.runDelays()
      expect(incrementally).toEqual(await newestValues(whole))
      expect(computed).toBeGreaterThan(0)
    }
    const numRuns = process.env['FTI_LONG'] ? 100 : 3
    await fc.assert(fc.asyncProperty(fc.array(delivery, { minLength: 2, maxLength: 4 }), check), { numRuns })
  },
  600_000,
)

/** Nobody, a run, or a run of a range comes between two deliveries. */
const between = fc.oneof(
  fc.constant('nothing'),
  fc.constant('a run'),
  fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 40 })),
)

test('ranges that are asked for between deliveries leave nothing unseen that came on time', async () => {
  const check = async (deliveries: Row[][], asked: (string | [number, number])[]) => {
    const incremental = { column: 'at', lookback: `${lookbackHours}h` }
    const project = new TemporaryProject({ delays: { incremental } })
    for (const [index, source] of sourceAfterEach(deliveries).entries()) {
      project.write('data/flights.csv', source)
      const now = asked[index] ?? 'nothing'
      if (now === 'a run') await project.runDelays()
      if (typeof now === 'string') continue
      const [from, hours] = now
      const extent = parseExtent({ from: stamp(from), to: stamp(from + hours) }, new Date())
      expect((await project.runDelays({ extent })).error).toBeUndefined()
    }
    expect((await project.runDelays()).error).toBeUndefined()
    const { outcome } = await project.runDelays({ extent: { kind: 'full' } })
    expect(outcome).toMatchObject({ appended: 0, restated: 0 })
  }
  const deliveries = fc.array(delivery, { minLength: 3, maxLength: 5 })
  const asked = fc.array(between, { minLength: 3, maxLength: 5 })
  const numRuns = process.env['FTI_LONG'] ? 100 : 5
  await fc.assert(fc.asyncProperty(deliveries, asked, check), { numRuns })
}, 600_000)
