import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { RunningServer } from '../../src/inference/index.ts'
import { serverLocation } from '../online/stores.ts'
import { hasPostgres, type PostgresServer, startPostgres } from '../servers/postgres.ts'
import { hasRedis, type RedisServer, startRedis } from '../servers/redis.ts'
import { type Answer, get, instance, keepInFlight, openSite, post, type Site, service, until } from './serving.ts'

let site: Site
const body = { instances: [instance] }
const groups = ['airport_departures', 'aircraft']

const warningsOf = ({ body }: Answer): { code: string; group: string }[] => body.predictions?.[0]?.warnings ?? []
/** Answered with features imputed, and saying so for each group. */
const isImputed = (answer: Answer) =>
  warningsOf(answer)
    .map(({ code, group }) => `${code} ${group}`)
    .join() === groups.map((group) => `FTI_FEATURES_UNAVAILABLE ${group}`).join()
const isWhole = (answer: Answer) => answer.status === 200 && warningsOf(answer).length === 0

const servesWhole = async (server: RunningServer) => isWhole(await post(server, body))
const servesImputed = async (server: RunningServer) => isImputed(await post(server, body))
const metric = async (server: RunningServer, line: RegExp) =>
  Number(line.exec(await (await fetch(`${server.url}/metrics`)).text())?.[1] ?? 0)

/** What the clients of a load saw: every request answered, whole or imputed and never something between. */
function expectAnswered(answers: readonly Answer[]): void {
  expect(answers.filter((answer) => answer.status !== 200 || !(isWhole(answer) || isImputed(answer)))).toEqual([])
  const [whole, imputed] = [answers.filter(isWhole), answers.filter(isImputed)]
  expect(whole.length).toBeGreaterThan(0)
  expect(imputed.length).toBeGreaterThan(0)
  expect(new Set(whole.map(({ body }) => body.predictions[0].probability)).size).toBe(1)
  expect(new Set(imputed.map(({ body }) => body.predictions[0].probability)).size).toBe(1)
}

function tell(what: string, answers: readonly Answer[], recoveredMs: number): void {
  const took = answers.map(({ tookMs = 0 }) => tookMs).sort((a, b) => a - b)
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))]?.toFixed(1)
  const imputed = answers.filter(isImputed).length
  process.stderr.write(
    `online store ${what}: ${took.length} requests, ${imputed} imputed, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms, recovered in ${recoveredMs.toFixed(0)} ms\n`,
  )
}

/** Puts a store out of order and in order again while requests are in flight. */
async function underLoad(what: string, server: RunningServer, breakIt: () => unknown, mend: () => unknown) {
  await until(() => servesWhole(server))
  const load = keepInFlight(server, 8)
  await new Promise((resolve) => setTimeout(resolve, 300))
  await breakIt()
  await until(() => servesImputed(server))
  // Those in flight when it broke are answered while it is still broken: none waits for it to come back.
  const inFlight = keepInFlight(server, 8)
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expectOnlyImputed(await inFlight.stop())
  expect(server.degraded()).toEqual([expect.stringMatching(/^the online store cannot be read: /)])
  expect((await get(server, '/health/ready')).body).toMatchObject({ status: 'ready', degraded: true })
  expect(await metric(server, /^fti_online_up\{.*\} (\d+)/m)).toBe(0)
  await mend()
  const mended = performance.now()
  await until(() => servesWhole(server))
  const recoveredMs = performance.now() - mended
  const answers = await load.stop()
  tell(what, answers, recoveredMs)
  expectAnswered(answers)
  expect(server.degraded()).toEqual([])
  expect((await get(server, '/health/ready')).body).toMatchObject({ degraded: false, reasons: [] })
  expect(await metric(server, /^fti_online_up\{.*\} (\d+)/m)).toBe(1)
  expect(
    await metric(server, /^fti_prediction_warnings_total\{code="FTI_FEATURES_UNAVAILABLE".*\} (\d+)/m),
  ).toBeGreaterThan(0)
  expect(await metric(server, /^fti_online_fetch_failures_total\{.*\} (\d+)/m)).toBeGreaterThan(0)
}

function expectOnlyImputed(answers: readonly Answer[]): void {
  expect(answers.length).toBeGreaterThan(0)
  expect(answers.filter((answer) => !isImputed(answer))).toEqual([])
}

/** Trouble and its end in turn: not once for each request. On a machine under load there may be more than one of each. */
function expectTold(): void {
  const told = site.events.map(({ kind }) => kind).filter((kind) => kind.startsWith('online'))
  expect(told.length).toBeGreaterThanOrEqual(2)
  expect(told).toEqual(told.map((_, i) => (i % 2 === 0 ? 'online-trouble' : 'online-back')))
}

/** More than the default of 50 ms: other tests may take the processor for as long. */
const budgetMs = 250

describe.runIf(hasRedis)('Redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())
  afterEach(() => site.close())
  const open = async () => {
    site = await openSite({ ...serverLocation('redis', redis.url), budgetMs })
  }

  test('that is killed and started again under load: every request is answered, imputed meanwhile, and told once', async () => {
    await open()
    const server = await site.start()
    await underLoad('Redis killed and restarted', server, redis.kill, redis.restart)
    expectTold()
  }, 60_000)

  test('that hangs under load is waited for within the budget, and serves again when it wakes up', async () => {
    await open()
    const server = await site.start()
    const [stop, wake] = [() => redis.signal('SIGSTOP'), () => redis.signal('SIGCONT')]
    onTestFinished(wake)
    await underLoad('Redis stopped and woken', server, stop, wake)
    expectTold()
  }, 60_000)

  test('that is away at the start: the server starts, imputes, and finds it later', async () => {
    await open()
    await redis.kill()
    const server = await site.start({ now: undefined })
    expect(isImputed(await post(server, body))).toBe(true)
    await redis.restart()
    await until(async () => (await get(server, '/health/ready')).body.degraded === false)
  }, 60_000)

  test('that is away where the service refuses then: 503 that says when to come again', async () => {
    await open()
    const server = await site.start({ service: { ...service, onUnavailableFeatures: 'refuse' } })
    expect(isWhole(await post(server, body))).toBe(true)
    await redis.kill()
    await until(async () => (await post(server, body)).status === 503)
    const reply = await fetch(`${server.url}/v1/services/late_departure/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(reply.headers.get('retry-after')).toBe('1')
    expect(await reply.json()).toMatchObject({
      error: { code: 'FTI_FEATURES_UNAVAILABLE', remedy: expect.stringContaining('onUnavailableFeatures: impute') },
    })
    await redis.restart()
    await until(() => servesWhole(server))
  }, 60_000)

  test('that is away where the clock stands still is an error at the start: nobody knows what the values are as of', async () => {
    await open()
    await redis.kill()
    await expect(site.start()).rejects.toMatchObject({ code: 'FTI_ONLINE_UNREACHABLE', exit: 6 })
    await redis.restart()
  }, 60_000)
})

describe.runIf(hasPostgres)('PostgreSQL', () => {
  let postgres: PostgresServer
  beforeAll(async () => {
    postgres = await startPostgres()
  }, 60_000)
  afterAll(() => postgres.remove())
  afterEach(() => site.close())

  test('that crashes and comes back under load: every request is answered, imputed meanwhile, and told once', async () => {
    site = await openSite({ ...serverLocation('postgres', postgres.url), budgetMs })
    const server = await site.start()
    const [crash, start] = [() => postgres.stop('SIGQUIT'), () => postgres.start()]
    await underLoad('PostgreSQL crashed and started', server, crash, start)
    expectTold()
  }, 60_000)

  test('whose table is locked is waited for within the budget, and serves again when the lock is gone', async () => {
    site = await openSite({ ...serverLocation('postgres', postgres.url), budgetMs })
    const server = await site.start()
    const other = new pg.Client({ connectionString: postgres.url })
    await other.connect()
    onTestFinished(() => other.end())
    const lock = () => other.query('BEGIN; LOCK TABLE fti_test.online_values IN ACCESS EXCLUSIVE MODE')
    await underLoad('PostgreSQL locked and freed', server, lock, () => other.query('COMMIT'))
    expectTold()
  }, 60_000)
})
