import { describe, expect, test } from 'vitest'
import type { Gate } from '../../../src/contract/index.ts'
import { seededRandom } from '../../../src/model/index.ts'
import { estimateMetrics, evaluationOf } from '../../../src/training/evaluation/evaluation.ts'
import { type GateInput, judgeGates } from '../../../src/training/evaluation/gates.ts'
import type { Opponent } from '../../../src/training/evaluation/opponent.ts'
import { rankRows, type ScoredRows } from '../../../src/training/evaluation/ranking.ts'

const random = seededRandom(1, 'gates')
const labels = Float64Array.from({ length: 600 }, () => (random() < 0.4 ? 1 : 0))
const airports = Array.from({ length: 600 }, (_, row) => (row < 350 ? 'JFK' : row < 580 ? 'LGA' : 'EWR'))

/** Scores that know the label to some degree: 0 is chance, 1 is certainty. */
function scored(knowledge: number): ScoredRows {
  return rankRows(
    labels.map((label) => label * knowledge + random() * (1 - knowledge)),
    labels,
  )
}

const good = scored(0.4)
const equal = rankRows(
  Float64Array.from(labels, (_, row) => good.scores[good.order.indexOf(row)] as number),
  labels,
)

function input(changes: Partial<GateInput> = {}): GateInput {
  const [metrics = {}] = estimateMetrics([good], 'binary', 7)
  return {
    task: 'binary',
    evaluation: evaluationOf(good, metrics, 'binary', { airport: { kind: 'text', values: airports } }),
    rows: good,
    seed: 7,
    opponent: () => ({ kind: 'none' }),
    recent: [],
    ...changes,
  }
}

function judged(gate: Partial<Gate>, changes: Partial<GateInput> = {}) {
  return judgeGates([{ metric: 'auc', minRows: 0, ...gate }], input(changes))
}

describe('a bound', () => {
  test('passes on its side and fails beyond, saying what was found', () => {
    expect(judged({ min: 0.7 })).toMatchObject([{ gate: 'auc >= 0.7', passed: true }])
    expect(judged({ min: 0.99 })).toMatchObject([{ gate: 'auc >= 0.99', passed: false }])
    expect(judged({ metric: 'logLoss', max: 0.9 })).toMatchObject([{ gate: 'logLoss <= 0.9', passed: true }])
    expect(judged({ min: 0.7 })[0]?.found).toMatch(/^0\.\d{4} \(0\.\d{4} to 0\.\d{4}\)$/)
  })

  test('fails on a metric that is undefined, for nothing was shown', () => {
    const silent = { ...input().evaluation, metrics: { precision: { value: Number.NaN, low: 0, high: 0 } } }
    expect(judged({ metric: 'precision', min: 0 }, { evaluation: silent })[0]).toMatchObject({ passed: false })
  })
})

describe('a bound for each slice', () => {
  test('names the slices that miss it', () => {
    const [result] = judged({ slice: 'airport', min: 0.99 })
    expect(result).toMatchObject({ gate: 'auc >= 0.99 for each airport with 0 rows or more', passed: false })
    expect(result?.found).toMatch(/JFK 0\.\d+.*LGA 0\.\d+/)
  })

  test('leaves slices with fewer rows than asked for unjudged', () => {
    expect(judged({ slice: 'airport', min: 0.5, minRows: 100 })[0]?.found).not.toContain('EWR')
  })

  test('fails when no slice has enough rows: a gate that saw nothing has shown nothing', () => {
    expect(judged({ slice: 'airport', min: 0.5, minRows: 1000 })).toMatchObject([
      { passed: false, found: 'no airport has enough rows' },
    ])
  })
})

describe('not worse than a tag', () => {
  const against = (opponent: Opponent) => judged({ notWorseThan: 'champion' }, { opponent: () => opponent })

  test('passes when the tag names nothing yet', () => {
    expect(against({ kind: 'none' })[0]).toMatchObject({
      passed: true,
      found: 'no champion yet',
      comparison: { metric: 'auc', tag: 'champion', version: null },
    })
  })

  test('passes against an equal and against a worse one', () => {
    expect(against({ kind: 'scored', version: 3, rows: equal })[0]).toMatchObject({
      passed: true,
      found: 'difference to version 3: +0.0000 (+0.0000 to +0.0000)',
    })
    expect(against({ kind: 'scored', version: 3, rows: scored(0.1) })[0]?.passed).toBe(true)
  })

  test('fails when the whole interval of the difference is below zero', () => {
    expect(against({ kind: 'scored', version: 3, rows: scored(0.6) })[0]).toMatchObject({
      passed: false,
      found: expect.stringMatching(/^difference to version 3: -0\.\d+ \(-0\.\d+ to -0\.\d+\)$/),
      comparison: { version: 3 },
    })
  })

  test('fails for a metric where less is better when it is more', () => {
    const opponent = () => ({ kind: 'scored', version: 3, rows: scored(0.9) }) as const
    expect(judged({ metric: 'brier', notWorseThan: 'champion' }, { opponent })[0]?.passed).toBe(false)
  })

  test('fails against one that has seen the test rows', () => {
    expect(against({ kind: 'incomparable', version: 2, why: 'it was trained on them' })[0]).toMatchObject({
      passed: false,
      found: 'version 2: it was trained on them',
    })
  })
})

describe('not worse than the best of the last five', () => {
  const among = (...recent: Opponent[]) => judged({ notWorseThan: 'champion' }, { recent })[1]

  test('is asked of every model that compares itself with a tag', () => {
    expect(among()).toMatchObject({
      gate: 'auc not worse than the best of the last five versions',
      passed: true,
      found: 'none of them can be compared',
    })
    expect(judged({ min: 0.7 })).toHaveLength(1)
  })

  test('fails against the best, though the newest is worse', () => {
    const [best, newest] = [scored(0.6), scored(0.1)]
    expect(
      among({ kind: 'scored', version: 5, rows: newest }, { kind: 'scored', version: 4, rows: best }),
    ).toMatchObject({ passed: false, found: expect.stringContaining('version 4') })
  })

  test('passes over those that cannot be compared', () => {
    expect(among({ kind: 'incomparable', version: 5, why: 'damaged' })).toMatchObject({ passed: true })
  })
})
