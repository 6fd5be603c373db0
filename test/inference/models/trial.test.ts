import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { registerVersion } from '../../scoring/registered-version.ts'
import { keepInFlight, openSite, type Site, until } from '../serving.ts'

let site: Site

beforeEach(async () => {
  site = await openSite()
})
afterEach(() => site.close())

const refusals = () => site.events.filter(({ kind }) => kind === 'model-refused')

describe('a version is tried in a thread of its own first', () => {
  test('and then serves', async () => {
    const careful = await site.start({ limits: {} })
    await registerVersion(site.registry, { seed: 2 })
    await until(() => careful.model() === 'late_departure@2')
    expect(refusals()).toEqual([])
  })

  test('and is refused with the reason that it had there', async () => {
    const careful = await site.start({ limits: {} })
    await registerVersion(site.registry, { seed: 2, files: { 'golden.json': '{}' } })
    await until(() => careful.degraded().length > 0)
    expect(refusals()).toContainEqual(
      expect.objectContaining({ error: expect.objectContaining({ code: 'FTI_GOLDEN_MISMATCH', exit: 1 }) }),
    )
  })

  test('and is refused in time when its code never ends, while requests are answered', async () => {
    const patient = await site.start({ limits: { loadTimeoutMs: 1500 } })
    await registerVersion(site.registry, { seed: 2, files: { 'on-demand.mjs': 'for (;;) {}' } })
    const requests = keepInFlight(patient, 4)
    await until(() => patient.degraded().length > 0, 15_000)
    const answers = await requests.stop()
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect(refusals()).toContainEqual(
      expect.objectContaining({
        kind: 'model-refused',
        error: expect.objectContaining({ code: 'FTI_MODEL_UNLOADABLE' }),
      }),
    )
  })
})
