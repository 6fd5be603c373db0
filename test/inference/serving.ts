import { mkdtempSync, rmSync } from 'node:fs'
import { type Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { OnlineLocation, Service } from '../../src/contract/index.ts'
import { type RunningServer, type ServerEvent, type ServerOptions, startServer } from '../../src/inference/index.ts'
import { noon, registerVersion, syncFeatures } from '../scoring/registered-version.ts'

export const service: Service = {
  name: 'late_departure',
  model: 'late_departure',
  tag: 'champion',
  onUnknownEntity: 'impute',
  onUnavailableFeatures: 'impute',
  port: 8080,
}

export const instance = {
  origin: 'EWR',
  tailnum: 'N1',
  carrier: 'UA',
  distance: 1400,
  stops: 0,
  scheduled_at: '2013-12-12T13:30:00Z',
}

/** A directory with a registered champion, synced features, and the servers that a test starts over it. */
export interface Site {
  readonly directory: string
  readonly registry: string
  readonly online: OnlineLocation
  readonly logs: string
  readonly events: ServerEvent[]
  start(options?: Partial<ServerOptions>): Promise<RunningServer>
  close(): Promise<void>
}

export async function openSite(place?: OnlineLocation): Promise<Site> {
  const directory = mkdtempSync(join(tmpdir(), 'fti-serve-'))
  const registry = join(directory, 'registry')
  const online = place ?? { kind: 'lmdb', path: join(directory, 'online') }
  const logs = join(directory, 'predictions')
  const events: ServerEvent[] = []
  const servers: RunningServer[] = []
  await registerVersion(registry)
  await syncFeatures(online, new Date(noon))
  return {
    directory,
    registry,
    online,
    logs,
    events,
    start: async (options = {}) => {
      const limits = { loadTimeoutMs: 0 }
      const base: ServerOptions = { service, registry, online, port: 0, now: new Date(noon), pollMs: 20, limits }
      const server = await startServer({ ...base, onEvent: (event) => events.push(event), ...options })
      servers.push(server)
      return server
    },
    close: async () => {
      for (const server of servers) await server.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

export interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: a reply as a test sees it, looked into by name
  readonly body: any
  /** As the client of `keepInFlight` saw it: how long it waited, and when it was answered. */
  readonly tookMs?: number
  readonly at?: number
}

export async function get(server: RunningServer, path: string): Promise<Answer> {
  const response = await fetch(server.url + path)
  return { status: response.status, body: await response.json() }
}

/** Posts a body as it is when it is text, else as JSON. */
export async function post(
  server: RunningServer,
  body: unknown,
  path = '/v1/services/late_departure/predict',
): Promise<Answer> {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

/** The status of a post over an agent's own connections. */
export function postBy(agent: Agent, server: RunningServer, body: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = '/v1/services/late_departure/predict'
    const headers = { 'content-type': 'application/json' }
    const sent = request({ agent, port: server.port, path, method: 'POST', headers }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}

/** A client in a thread of its own that keeps `count` requests in flight until it is stopped; gives all answers. */
export function keepInFlight(server: RunningServer, count: number): { stop(): Promise<Answer[]> } {
  const url = `${server.url}/v1/services/late_departure/predict`
  const worker = new Worker(
    `const { workerData: { url, body, count }, parentPort } = require('node:worker_threads')
     const { Agent, request } = require('node:http')
     const agent = new Agent({ keepAlive: true, maxSockets: count })
     const answers = []
     let isOver = false, running = count
     const ended = () => { if (--running === 0) { agent.destroy(); parentPort.postMessage(answers); parentPort.close() } }
     const answer = (status, text, began) => {
       answers.push({ status, body: JSON.parse(text), tookMs: performance.now() - began, at: Date.now() })
       isOver ? ended() : next()
     }
     const next = () => {
       const began = performance.now()
       const sent = request(url, { agent, method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
         let text = ''
         response.setEncoding('utf8').on('data', (part) => { text += part }).on('end', () => answer(response.statusCode, text, began))
       })
       sent.on('error', (error) => answer(0, JSON.stringify(error.message), began))
       sent.end(body)
     }
     parentPort.once('message', () => { isOver = true })
     for (let i = 0; i < count; i++) next()`,
    { eval: true, workerData: { url, body: JSON.stringify({ instances: [instance] }), count } },
  )
  return {
    stop: () =>
      new Promise((resolve, reject) => {
        worker.once('message', resolve)
        worker.once('error', reject)
        worker.postMessage('stop')
      }),
  }
}

/** Waits for something that a server does by itself. */
export async function until(condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('what the test waits for did not happen')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
