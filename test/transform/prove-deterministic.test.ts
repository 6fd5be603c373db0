import { expect, test } from 'vitest'
import { type OnDemandSpec, proveDeterministic } from '../../src/transform/index.ts'

const spec: OnDemandSpec = { inputs: { at: 'timestamp' }, outputs: { out: 'float64' } }
const samples = ['2013-01-01T05:00:00Z', '2013-07-01T17:30:00Z', '2013-12-31T23:59:00Z'].map((at) => ({ at }))
const prove = (body: string) =>
  proveDeterministic({ code: `let seen = 0; export default ({ at }) => ${body}`, spec, samples })

test('a function of its inputs alone passes, and its outputs come back in order', async () => {
  const outputs = await prove('({ out: new Date(at).getUTCHours() })')
  expect(outputs).toEqual([{ out: 5 }, { out: 17 }, { out: 23 }])
})

test('local time, the clock, chance and memory are found out', async () => {
  const impure = [
    '({ out: new Date(at).getHours() })',
    '({ out: Math.floor(Date.now() / 86400000) })',
    '({ out: new Date().getUTCFullYear() })',
    '({ out: Math.random() })',
    '({ out: seen++ })',
  ]
  for (const body of impure) {
    await expect(prove(body)).rejects.toMatchObject({ code: 'FTI_ON_DEMAND_IMPURE' })
  }
})

test('a module that throws, exits or exports no function is refused', async () => {
  await expect(prove('({ out: "text" })')).rejects.toMatchObject({ code: 'FTI_ON_DEMAND_OUTPUT' })
  await expect(prove('process.exit(0)')).rejects.toMatchObject({ code: 'FTI_ON_DEMAND_FAILED' })
  const code = 'export const other = 1'
  await expect(proveDeterministic({ code, spec, samples })).rejects.toMatchObject({ code: 'FTI_ON_DEMAND_FAILED' })
})

test('a cancelled proof ends at once', async () => {
  const code = 'export default () => { for (;;); }'
  const proof = proveDeterministic({ code, spec, samples, signal: AbortSignal.timeout(500) })
  await expect(proof).rejects.toMatchObject({ code: 'FTI_INTERRUPTED' })
})
