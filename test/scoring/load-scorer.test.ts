import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadScorer } from '../../src/scoring/index.ts'
import { hourOfDay, lateDeparture, registerVersion, type VersionOptions } from './registered-version.ts'

let registry: string

beforeEach(() => {
  registry = mkdtempSync(join(tmpdir(), 'fti-scoring-'))
})
afterEach(() => {
  rmSync(registry, { recursive: true, force: true })
})

const model = 'late_departure'
async function load(options: VersionOptions = {}) {
  return loadScorer({ registry, model, version: await registerVersion(registry, options) })
}
const golden = (rows: unknown[], tolerance: unknown = 1e-6) => JSON.stringify({ format: 1, tolerance, rows })
const values = [12.5, 20, 180, 'UA', 1400, 0, 9]

describe('a version', () => {
  test('that is whole loads with its name, number and signature', async () => {
    const scorer = await load()
    expect(scorer).toMatchObject({ model, version: 1 })
    expect(scorer.signature.columns).toEqual(lateDeparture.columns)
  })

  test('whose file was changed by one byte is refused by digest', async () => {
    const version = await registerVersion(registry)
    appendFileSync(join(registry, model, 'versions', String(version), 'weights.bin'), 'x')
    await expect(loadScorer({ registry, model, version })).rejects.toMatchObject({
      code: 'FTI_VERSION_CORRUPT',
      exit: 5,
    })
  })

  test('that answers otherwise than at its registration is refused', async () => {
    await expect(load({ files: { 'golden.json': golden([{ values, output: 2 }]) } })).rejects.toMatchObject({
      code: 'FTI_GOLDEN_MISMATCH',
      message: expect.stringMatching(/^golden row 0 gives 0\.\d+ instead of 2/),
    })
  })

  test.each([
    ['no rows', golden([])],
    ['no JSON', '{'],
    ['null', 'null'],
    ['an answer that is null', golden([{ values, output: null }])],
    ['a tolerance that is text', golden([{ values, output: 0.5 }], 'Infinity')],
  ])('with golden rows that prove nothing (%s) is refused', async (_what, text) => {
    await expect(load({ files: { 'golden.json': text } })).rejects.toMatchObject({ code: 'FTI_GOLDEN_MISMATCH' })
  })

  test('with a NaN among its weights is refused', async () => {
    const nan = new Uint8Array(new Float32Array(1000).fill(Number.NaN).buffer)
    await expect(load({ files: { 'weights.bin': nan } })).rejects.toMatchObject({ code: 'FTI_NETWORK_CORRUPT' })
  })

  test('whose transforms hold what was never fitted is refused', async () => {
    const hostile = JSON.stringify({ format: 1, columns: [{ name: 'delay_mean_1h', type: 'float64', kind: 'eval' }] })
    await expect(load({ files: { 'transforms.json': hostile } })).rejects.toMatchObject({
      code: 'FTI_TRANSFORMS_CORRUPT',
    })
  })

  test('whose transforms have other columns than its signature is refused', async () => {
    const signature = { ...lateDeparture, columns: lateDeparture.columns.toReversed() }
    await expect(load({ files: { 'signature.json': JSON.stringify(signature) } })).rejects.toMatchObject({
      code: 'FTI_SIGNATURE_INVALID',
      message: expect.stringContaining('contradict one another'),
    })
  })
})

describe('on-demand code', () => {
  test.each([
    ['that does not parse', 'export default (row =>', 'cannot be loaded'],
    ['without a default export', 'export const hour = 1', 'has no default export'],
    ['that is absent', null, 'lists no "on-demand.mjs"'],
  ])('%s is refused at load', async (_what, code, message) => {
    await expect(load({ files: { 'on-demand.mjs': code } })).rejects.toThrow(message)
  })

  test('is not read when the signature declares none', async () => {
    const { onDemand: _, ...rest } = lateDeparture
    const columns = lateDeparture.columns.filter(({ name }) => name !== 'hour')
    const files = { 'on-demand.mjs': 'throw 1' }
    await expect(load({ signature: { ...rest, columns }, files })).resolves.toBeDefined()
  })

  test('cannot read a column that it does not declare', async () => {
    const scorer = await load({ files: { 'on-demand.mjs': hourOfDay.replaceAll('scheduled_at', 'carrier') } })
    const instance = { origin: 'EWR', tailnum: 'N1', carrier: 'UA', distance: 1, stops: 0, scheduled_at: null }
    expect(() => scorer.score([instance], () => undefined, 0)).toThrow(
      expect.objectContaining({ code: 'FTI_ON_DEMAND_INPUT' }),
    )
  })
})

describe('a signature', () => {
  const broken = (change: Record<string, unknown>) => JSON.stringify({ ...lateDeparture, ...change })
  test.each([
    ['that is no JSON', '{', 'JSON'],
    ['of another format', broken({ format: 2 }), '$.format is not 1'],
    ['with an unknown type', broken({ entityKeys: { origin: 'uuid' } }), '$.entityKeys.origin is not one of'],
    [
      'with a column that nothing provides',
      broken({ columns: [{ name: 'x', type: 'string' }] }),
      'which nothing provides',
    ],
    [
      'with two origins of a column',
      broken({ onDemand: { inputs: [], outputs: { seats: 'int32' } } }),
      'two origins for "seats"',
    ],
    [
      'with a key that nobody sends',
      broken({ entityKeys: { origin: 'string' } }),
      'no sent column for the key "tailnum"',
    ],
  ])('%s is refused', async (_what, text, message) => {
    await expect(load({ files: { 'signature.json': text } })).rejects.toMatchObject({
      code: 'FTI_SIGNATURE_INVALID',
      message: expect.stringContaining(message),
    })
  })
})
