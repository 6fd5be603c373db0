import { cpSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunningServer } from '../../src/inference/index.ts'
import { moveTag, rollbackTag } from '../../src/registry/index.ts'
import { loadScorer } from '../../src/scoring/index.ts'
import { lateDeparture, registerVersion } from '../scoring/registered-version.ts'
import { get, instance, keepInFlight, openSite, post, type Site, until } from './serving.ts'

let site: Site
let server: RunningServer
const model = 'late_departure'

beforeEach(async () => {
  site = await openSite()
  server = await site.start()
})
afterEach(() => site.close())

const values = [12.5, 20, 180, 'UA', 1400, 0, 13]
async function expectedOf(version: number): Promise<number> {
  return (await loadScorer({ registry: site.registry, model, version })).predictValues(values)
}
const promote = (to: number) => moveTag(site.registry, model, { tag: 'champion', to, by: 'test', now: new Date() })
const ask = () => post(server, { instances: [instance] })
const kinds = () => site.events.map(({ kind }) => kind)

describe('when the tag moves', () => {
  test('20 times with 32 requests in flight, none fails and each answer is of one whole version', async () => {
    await registerVersion(site.registry, { seed: 2, tag: undefined })
    const expected = new Map([
      [`${model}@1`, await expectedOf(1)],
      [`${model}@2`, await expectedOf(2)],
    ])
    const requests = keepInFlight(server, 32)
    for (let i = 0; i < 20; i++) {
      const to = i % 2 === 0 ? 2 : 1
      await promote(to)
      await until(() => server.model() === `${model}@${to}`)
    }
    const answers = await requests.stop()
    expect(answers.length).toBeGreaterThan(100)
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    const wrong = answers.filter(({ body }) => body.predictions[0].probability !== expected.get(body.model))
    expect(wrong).toEqual([])
    expect(new Set(answers.map(({ body }) => body.model))).toEqual(new Set(expected.keys()))
  })

  test('the new version answers soon, and the event names both', async () => {
    await registerVersion(site.registry, { seed: 2 })
    await until(() => server.model() === `${model}@2`)
    expect((await ask()).body.predictions[0].probability).toBe(await expectedOf(2))
    expect(site.events.at(-1)).toEqual({ kind: 'model-loaded', model, version: 2, previous: 1 })
  })

  test('back, the version before answers again', async () => {
    await registerVersion(site.registry, { seed: 2 })
    await until(() => server.model() === `${model}@2`)
    await rollbackTag(site.registry, model, { tag: 'champion', by: 'test', now: new Date() })
    await until(() => server.model() === `${model}@1`)
    expect((await ask()).status).toBe(200)
  })

  test('a version with another signature changes what is asked for, with it', async () => {
    const request = lateDeparture.request.filter(({ name }) => name !== 'stops')
    const columns = lateDeparture.columns.filter(({ name }) => name !== 'stops')
    await registerVersion(site.registry, { seed: 2, signature: { ...lateDeparture, request, columns } })
    await until(() => server.model() === `${model}@2`)
    expect((await ask()).body.error).toMatchObject({ rule: 'unknown' })
    const { stops: _, ...rest } = instance
    expect((await post(server, { instances: [rest] })).status).toBe(200)
  })
})

describe('a version that cannot be served', () => {
  const nan = new Uint8Array(new Float32Array(500).fill(Number.NaN).buffer)
  const wrong = JSON.stringify({ format: 1, tolerance: 1e-6, rows: [{ values, output: 2 }] })
  test.each([
    ['NaN weights', { 'weights.bin': nan }, 'FTI_NETWORK_CORRUPT'],
    ['other answers than at its registration', { 'golden.json': wrong }, 'FTI_GOLDEN_MISMATCH'],
    ['on-demand code that does not load', { 'on-demand.mjs': 'throw new Error()' }, 'FTI_ON_DEMAND_BROKEN'],
    ['a signature of nonsense', { 'signature.json': '[]' }, 'FTI_SIGNATURE_INVALID'],
  ])('(%s) is refused and the old one stays', async (_what, files, code) => {
    await registerVersion(site.registry, { seed: 2, files })
    await until(() => kinds().includes('model-refused'))
    expect(site.events.at(-1)).toMatchObject({ kind: 'model-refused', version: 2, error: { code } })
    expect((await ask()).body.model).toBe(`${model}@1`)
    expect(await get(server, '/health/ready')).toMatchObject({
      status: 200,
      body: { model: `${model}@1`, degraded: true, reasons: [`${model}@2 was refused`] },
    })
  })

  test('because its file was cut short is refused, and the next promotion is taken', async () => {
    await registerVersion(site.registry, { seed: 2 })
    await until(() => server.model() === `${model}@2`)
    // Promotion itself checks digests, so the damage comes after it; the way back to version 1 is blocked.
    truncateSync(join(site.registry, model, 'versions', '1', 'weights.bin'), 3)
    await expect(promote(1)).rejects.toMatchObject({ code: 'FTI_VERSION_CORRUPT' })
    expect((await ask()).body.model).toBe(`${model}@2`)
    await registerVersion(site.registry, { seed: 3, files: { 'golden.json': wrong } })
    await until(() => kinds().includes('model-refused'))
    await registerVersion(site.registry, { seed: 4 })
    await until(() => server.model() === `${model}@4`)
    expect(server.degraded()).toEqual([])
  })
})

describe('when the registry', () => {
  test('is moved away and comes back, no request fails, and the server says so meanwhile', async () => {
    const requests = keepInFlight(server, 8)
    renameSync(site.registry, `${site.registry}-away`)
    await until(() => kinds().includes('registry-trouble'))
    expect(await get(server, '/health/ready')).toMatchObject({
      status: 200,
      body: { degraded: true, reasons: ['the registry cannot be read'] },
    })
    expect(await (await fetch(`${server.url}/metrics`)).text()).toMatch(/^fti_degraded\{.*\} 1$/m)
    await new Promise((resolve) => setTimeout(resolve, 200))
    renameSync(`${site.registry}-away`, site.registry)
    await until(() => kinds().includes('registry-back'))
    const answers = await requests.stop()
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect(kinds().filter((kind) => kind === 'registry-trouble')).toHaveLength(1)
    expect(server.degraded()).toEqual([])
  })

  test('comes back with a newer version, that one is taken', async () => {
    const copy = `${site.registry}-copy`
    cpSync(site.registry, copy, { recursive: true })
    await registerVersion(copy, { seed: 2 })
    rmSync(site.registry, { recursive: true })
    await until(() => kinds().includes('registry-trouble'))
    renameSync(copy, site.registry)
    await until(() => server.model() === `${model}@2`)
  })

  test('has a damaged journal, the last good model goes on', async () => {
    writeFileSync(join(site.registry, model, 'journal', '3.json'), '{"half')
    await until(() => kinds().includes('registry-trouble'))
    expect((await ask()).status).toBe(200)
  })
})
