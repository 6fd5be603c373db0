import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunningServer } from '../../src/inference/index.ts'
import { loadScorer } from '../../src/scoring/index.ts'
import { get, instance, openSite, post, type Site, service } from './serving.ts'

let site: Site
let server: RunningServer

beforeAll(async () => {
  site = await openSite()
  server = await site.start()
})
afterAll(() => site.close())

describe('a prediction', () => {
  test('is that of the scorer, with version, ages, request id and the replay moment', async () => {
    const { status, body } = await post(server, { instances: [instance] })
    expect(status).toBe(200)
    expect(body).toEqual({
      predictions: [
        { probability: expect.any(Number), ages: { airport_departures: 600_000, aircraft: null }, warnings: [] },
      ],
      model: 'late_departure@1',
      requestId: expect.stringMatching(/^\d{8}t\d{9}-[0-9a-f]{10}-\w+$/),
      now: '2013-12-12T12:00:00.000Z',
    })
    const scorer = await loadScorer({ registry: site.registry, model: 'late_departure', version: 1 })
    expect(body.predictions[0].probability).toBe(scorer.predictValues([12.5, 20, 180, 'UA', 1400, 0, 13]))
  })

  test('comes for each instance, in order', async () => {
    const distances = [0, 500, 6000]
    const all = await post(server, { instances: distances.map((distance) => ({ ...instance, distance })) })
    for (const [i, distance] of distances.entries()) {
      const one = await post(server, { instances: [{ ...instance, distance }] })
      expect(all.body.predictions[i]).toEqual(one.body.predictions[0])
    }
  })

  test('of an entity that was never seen is made with imputed features and a warning', async () => {
    const { status, body } = await post(server, { instances: [{ ...instance, tailnum: 'N404' }] })
    expect(status).toBe(200)
    expect(body.predictions[0].probability).toBeGreaterThan(0)
    expect(body.predictions[0].warnings).toEqual([
      {
        code: 'FTI_ENTITY_UNKNOWN',
        group: 'aircraft',
        message: 'the entity of aircraft was never seen: its features are imputed',
      },
    ])
  })

  test('of an entity that was never seen is a 404 when the service refuses those', async () => {
    const strict = await site.start({ service: { ...service, onUnknownEntity: 'refuse' } })
    const { status, body } = await post(strict, { instances: [instance, { ...instance, tailnum: 'N404' }] })
    expect(status).toBe(404)
    expect(body.error).toMatchObject({
      code: 'FTI_ENTITY_UNKNOWN',
      path: '$.instances[1]',
      message: expect.stringContaining('aircraft'),
    })
    expect((await post(strict, { instances: [instance] })).status).toBe(200)
  })

  test('from features that are too old or ahead of the clock warns', async () => {
    const { body } = await post(server, {
      instances: [
        { ...instance, origin: 'JFK' },
        { ...instance, origin: 'LGA' },
      ],
    })
    expect(body.predictions.map((one: { warnings: { code: string }[] }) => one.warnings[0]?.code)).toEqual([
      'FTI_FEATURES_STALE',
      'FTI_FEATURES_AHEAD',
    ])
  })

  test('takes null for what is not known', async () => {
    const { status, body } = await post(server, { instances: [{ ...instance, carrier: null, scheduled_at: null }] })
    expect(status).toBe(200)
    expect(body.predictions[0].warnings).toEqual([])
  })

  test.each(['2013-12-12T13:30:00.123456789Z', '2013-12-12T08:30:00.1-05:00', '2013-12-12T13:30Z'])(
    'takes the time %s, which the check of a request lets through, into on-demand code',
    async (scheduled_at) => {
      const { status, body } = await post(server, { instances: [{ ...instance, scheduled_at }, instance] })
      expect(status).toBe(200)
      expect(body.predictions[0]).toEqual(body.predictions[1])
    },
  )

  test('counts ages from the present without a replay clock, and then says no moment', async () => {
    const live = await site.start({ now: undefined })
    const { body } = await post(live, { instances: [instance] })
    expect(body).not.toHaveProperty('now')
    expect(body.predictions[0].warnings).toMatchObject([{ code: 'FTI_FEATURES_STALE' }])
  })
})

describe('the other routes', () => {
  test('live and ready answer, and ready names the version', async () => {
    expect(await get(server, '/health/live')).toEqual({ status: 200, body: { status: 'live' } })
    expect(await get(server, '/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ready', model: 'late_departure@1', degraded: false, reasons: [] },
    })
  })

  test('openapi.json describes the request of this version', async () => {
    const { body } = await get(server, '/openapi.json')
    const { post: operation } = body.paths['/v1/services/late_departure/predict']
    const item = operation.requestBody.content['application/json'].schema.properties.instances.items
    expect(item.required).toEqual(['origin', 'tailnum', 'carrier', 'distance', 'stops', 'scheduled_at'])
    expect(item.properties.distance).toMatchObject({ minimum: 0, maximum: 6000 })
    expect(body.info.version).toBe('late_departure@1')
  })

  test('metrics count requests, predictions, warnings and name the version', async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    for (const line of [
      /^fti_requests_total\{status="200",service="late_departure"\} \d+$/m,
      /^fti_predictions_total\{service="late_departure"\} \d+$/m,
      /^fti_prediction_warnings_total\{code="FTI_ENTITY_UNKNOWN",service="late_departure"\} 1$/m,
      /^fti_model_version\{service="late_departure"\} 1$/m,
      /^fti_degraded\{service="late_departure"\} 0$/m,
      /^fti_request_seconds_bucket\{le="0\.25",service="late_departure"\} \d+$/m,
    ]) {
      expect(text).toMatch(line)
    }
  })

  test('another service is a 404 that says which one there is, and does not repeat the name', async () => {
    const { status, body } = await post(server, { instances: [] }, '/v1/services/late_departur/predict')
    expect(status).toBe(404)
    expect(body.error).toMatchObject({ code: 'FTI_SERVICE_UNKNOWN', remedy: "did you mean 'late_departure'?" })
  })

  test('a path that cannot be decoded gets an error of the same form, without the path in it', async () => {
    const { status, body } = await get(server, '/v1/%zz')
    expect(status).toBe(400)
    expect(body).toMatchObject({ error: { code: 'FTI_ROUTE_UNKNOWN' }, requestId: expect.any(String) })
    expect(JSON.stringify(body)).not.toContain('zz')
  })

  test('another path is a 404 that lists the paths', async () => {
    const { status, body } = await get(server, '/predict')
    expect(status).toBe(404)
    expect(body.error.code).toBe('FTI_ROUTE_UNKNOWN')
    expect(body.error.remedy).toContain('/openapi.json')
  })
})
