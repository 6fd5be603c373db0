import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunningServer } from '../../src/inference/index.ts'
import { get, instance, openSite, post, type Site } from './serving.ts'

let site: Site
let server: RunningServer

beforeAll(async () => {
  site = await openSite()
  server = await site.start()
})
afterAll(() => site.close())

const text = JSON.stringify(instance)
const one = (member: string, json: string) =>
  `{"instances":[${text.replace(new RegExp(`"${member}":[^,}]+`), `"${member}":${json}`)}]}`
const { carrier: _, ...withoutCarrier } = instance

const refusals: [what: string, body: unknown, path: string, rule: string][] = [
  ['an unknown field', { instances: [{ ...instance, secret_colour: 'red' }] }, '$.instances[0]', 'unknown'],
  ['a missing key', { instances: [instance, withoutCarrier] }, '$.instances[1].carrier', 'required'],
  ['a string for a number', one('distance', '"1400"'), '$.instances[0].distance', 'type'],
  ['a number for a string', one('carrier', '7'), '$.instances[0].carrier', 'type'],
  ['a number for a key', one('origin', '7'), '$.instances[0].origin', 'type'],
  ['a boolean for a number', one('distance', 'true'), '$.instances[0].distance', 'type'],
  ['1e999', one('distance', '1e999'), '$.instances[0].distance', 'finite'],
  ['-1e999 for an integer', one('stops', '-1e999'), '$.instances[0].stops', 'finite'],
  ['an integer out of range', one('stops', '2147483648'), '$.instances[0].stops', 'range'],
  ['a fraction for an integer', one('stops', '0.5'), '$.instances[0].stops', 'integer'],
  ['a number out of its declared range', one('distance', '6000.5'), '$.instances[0].distance', 'range'],
  ['a time without a zone', one('scheduled_at', '"2013-12-12T13:30:00"'), '$.instances[0].scheduled_at', 'format'],
  ['30 February', one('scheduled_at', '"2013-02-30T13:30:00Z"'), '$.instances[0].scheduled_at', 'format'],
  ['a time as a number', one('scheduled_at', '1386855000000'), '$.instances[0].scheduled_at', 'type'],
  ['an endless string', one('carrier', JSON.stringify('x'.repeat(5000))), '$.instances[0].carrier', 'length'],
  ['a nested value', one('carrier', '{"$ne":null}'), '$.instances[0].carrier', 'type'],
  [
    '50,000-deep JSON in a field',
    one('carrier', '['.repeat(50_000) + ']'.repeat(50_000)),
    '$.instances[0].carrier',
    'type',
  ],
  ['50,000-deep JSON as the body', '['.repeat(50_000) + ']'.repeat(50_000), '$', 'type'],
  [
    '50,000-deep JSON in an unknown field',
    one('carrier', `"UA","x":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
    '$.instances[0]',
    'unknown',
  ],
  ['a __proto__ field', `{"instances":[{"__proto__":{"origin":"EWR"},${text.slice(1)}]}`, '$.instances[0]', 'unknown'],
  [
    'a constructor field',
    `{"instances":[{"constructor":{"prototype":{}},${text.slice(1)}]}`,
    '$.instances[0]',
    'unknown',
  ],
  [
    'keys that only a prototype has',
    '{"instances":[{"__proto__":{"origin":"EWR"}}]}',
    '$.instances[0].origin',
    'required',
  ],
  ['a __proto__ instead of instances', '{"__proto__":{"instances":[]}}', '$.instances', 'required'],
  ['instances that are an object', { instances: instance }, '$.instances', 'type'],
  ['an instance that is a list', { instances: [[1]] }, '$.instances[0]', 'type'],
  ['an instance that is null', { instances: [null] }, '$.instances[0]', 'type'],
  ['no instances', { instances: [] }, '$.instances', 'minItems'],
  ['another member beside instances', { instances: [instance], parameters: {} }, '$', 'unknown'],
  ['a body that is null', 'null', '$', 'type'],
]

describe('a request', () => {
  test.each(refusals)('with %s is refused with its path and rule', async (_what, body, path, rule) => {
    const answer = await post(server, body)
    expect(answer.status).toBe(400)
    expect(answer.body.error).toMatchObject({ code: 'FTI_REQUEST_INVALID', path, rule })
    expect(answer.body.error.remedy).toContain('/openapi.json')
  })

  test.each([
    ['NaN', one('distance', 'NaN')],
    ['Infinity', one('distance', 'Infinity')],
    ['half a body', '{"instances":['],
    ['nothing', ''],
    ['text', 'hello'],
  ])('with %s is not JSON', async (_what, body) => {
    const answer = await post(server, body)
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'FTI_REQUEST_NOT_JSON' } } })
  })

  test('of 10 MB is refused by its length', async () => {
    const answer = await post(server, one('carrier', JSON.stringify('x'.repeat(10_000_000))))
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'FTI_REQUEST_TOO_LARGE' } } })
  })

  test('of 10 MB that does not tell its length is refused as it comes', async () => {
    async function* chunks() {
      for (let i = 0; i < 160; i++) yield Buffer.alloc(65_536, 32)
    }
    const sent = fetch(`${server.url}/v1/services/late_departure/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: ReadableStream.from(chunks()),
      duplex: 'half',
    } as RequestInit)
    // The server may cut the connection while the client still writes.
    const status = await sent.then(
      (response) => response.status,
      () => 413,
    )
    expect(status).toBe(413)
    expect((await post(server, { instances: [instance] })).status).toBe(200)
  })

  test('with too many instances is refused', async () => {
    const answer = await post(server, { instances: Array.from({ length: 1001 }, () => instance) })
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'FTI_REQUEST_TOO_LARGE', rule: 'maxItems' } } })
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json5'])(
    'sent as %s is refused',
    async (type) => {
      const url = `${server.url}/v1/services/late_departure/predict`
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: '{}' })
      expect(response.status).toBe(415)
      expect(await response.json()).toMatchObject({ error: { code: 'FTI_REQUEST_MEDIA' } })
    },
  )
})

describe('an error', () => {
  test('repeats nothing of the body: no value, no name of a field', async () => {
    const secret = 'correct-horse-battery'
    for (const body of [
      { instances: [{ ...instance, [secret]: 1 }] },
      { instances: [{ ...instance, distance: secret }] },
      { [secret]: 1, instances: [instance] },
      `{"instances":[{"${secret}"`,
    ]) {
      expect(JSON.stringify((await post(server, body)).body)).not.toContain(secret)
    }
  })

  test('shows no stack and no path of this machine', async () => {
    for (const [, body] of refusals) {
      const answer = JSON.stringify((await post(server, body)).body)
      expect(answer).not.toMatch(/\bat \w+ \(|node_modules|\.ts:|\.js:/)
    }
  })

  test('leaves the server as it was', async () => {
    expect((await post(server, { instances: [instance] })).status).toBe(200)
    expect(await get(server, '/health/ready')).toMatchObject({ status: 200, body: { degraded: false } })
    expect(({} as Record<string, unknown>)['origin']).toBeUndefined()
  })
})
