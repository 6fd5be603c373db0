import { rmSync, truncateSync } from 'node:fs'
import { Agent } from 'node:http'
import { connect, createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { get, instance, openSite, post, postBy, type Site, service } from './serving.ts'

let site: Site

beforeEach(async () => {
  site = await openSite()
})
afterEach(() => site.close())

describe('a server does not start', () => {
  test('on a port in use, and names the port', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    await expect(site.start({ port })).rejects.toMatchObject({
      code: 'FTI_PORT_IN_USE',
      exit: 4,
      message: expect.stringContaining(String(port)),
    })
    other.close()
  })

  test.each(['0.0.0.0', '::', '10.0.0.1', 'example.org'])('on %s unless it is told to', async (host) => {
    await expect(site.start({ host })).rejects.toMatchObject({ code: 'FTI_HOST_REFUSED', exit: 2 })
  })

  test('with a tag that does not exist', async () => {
    await expect(site.start({ service: { ...service, tag: 'champon' } })).rejects.toMatchObject({
      code: 'FTI_TAG_UNKNOWN',
    })
  })

  test('without a registry', async () => {
    rmSync(site.registry, { recursive: true })
    await expect(site.start()).rejects.toMatchObject({ code: 'FTI_REGISTRY_UNREACHABLE', exit: 6 })
  })

  test('with a clock that stands before the online store, and names the sync', async () => {
    await expect(site.start({ now: new Date('2013-12-12T11:59:00Z') })).rejects.toMatchObject({
      code: 'FTI_REPLAY_TOO_EARLY',
      exit: 2,
      message: expect.stringMatching(/before 2013-12-12T12:00:00.000Z.*sync \d{8}t/),
    })
  })
})

describe('a server', () => {
  test('listens beyond this machine when it is told to', async () => {
    const server = await site.start({ host: '0.0.0.0', allowRemote: true })
    expect((await fetch(`http://127.0.0.1:${server.port}/health/live`)).status).toBe(200)
  })

  test('without any sync predicts with imputed features and says that it is degraded', async () => {
    const server = await site.start({ online: { kind: 'lmdb', path: `${site.directory}/nothing` } })
    const { body } = await post(server, { instances: [instance] })
    expect(body.predictions[0].warnings).toHaveLength(2)
    expect((await get(server, '/health/ready')).body.reasons).toEqual([
      'airport_departures (contract 2) was never synced',
      'aircraft (contract 1) was never synced',
    ])
  })

  test('over a damaged online store predicts with imputed features and tells its operator once', async () => {
    truncateSync(`${site.directory}/online/aircraft/v1/1/data.mdb`, 100)
    const server = await site.start()
    for (let i = 0; i < 3; i++) {
      const { status, body } = await post(server, { instances: [instance] })
      expect({ status, warnings: body.predictions[0].warnings }).toMatchObject({
        status: 200,
        warnings: [{ code: 'FTI_ENTITY_UNKNOWN', group: 'aircraft' }],
      })
    }
    expect(site.events.filter(({ kind }) => kind === 'online-trouble')).toHaveLength(1)
  })

  test('refuses early when too many requests are in flight', async () => {
    const server = await site.start({ limits: { maxInFlight: 0 } })
    expect(await post(server, { instances: [instance] })).toMatchObject({
      status: 503,
      body: { error: { code: 'FTI_OVERLOADED' } },
    })
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toMatch(/^fti_requests_total\{status="503",service="late_departure"\} 1$/m)
    expect(metrics).toMatch(/^fti_request_seconds_count\{service="late_departure"\} 0$/m)
  })

  test('a client that goes away in the middle of its request is no trouble of the server', async () => {
    const server = await site.start()
    site.events.length = 0
    const head = 'POST /v1/services/late_departure/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`${head}content-length: 1000\r\n\r\n{"instances":`)
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.destroy()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(site.events).toEqual([])
    expect((await post(server, { instances: [instance] })).status).toBe(200)
  })
})

describe('a close', () => {
  test('lets requests in flight finish and drops none that was sent on an open connection', async () => {
    for (let round = 0; round < 10; round++) {
      const server = await site.start({ log: { directory: site.logs } })
      const agent = new Agent({ keepAlive: true, maxSockets: 8 })
      const send = () => postBy(agent, server, { instances: [instance] })
      await Promise.all(Array.from({ length: 8 }, send))
      const inFlight = Promise.all(Array.from({ length: 8 }, send))
      await new Promise((resolve) => setImmediate(resolve))
      const [, statuses] = await Promise.all([server.close(), inFlight])
      expect(statuses).toEqual(Array(8).fill(200))
      agent.destroy()
      await expect(get(server, '/health/live')).rejects.toThrow()
    }
  })

  test('tells a load balancer at once that it is not ready any more', async () => {
    const server = await site.start()
    const closing = server.close()
    expect(await get(server, '/health/ready')).toMatchObject({ status: 503, body: { status: 'draining' } })
    await closing
  })

  test('does not wait for ever for a client that sends half a request', async () => {
    const server = await site.start({ limits: { drainMs: 100 } })
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(
      'POST /v1/services/late_departure/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    const started = performance.now()
    await server.close()
    expect(performance.now() - started).toBeLessThan(2000)
    socket.destroy()
  })

  test('may be asked for twice', async () => {
    const server = await site.start()
    await server.close()
    await server.close()
  })
})
