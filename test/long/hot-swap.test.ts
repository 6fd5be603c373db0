import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEngine } from '../../src/engine/index.ts'
import { openOnlineReader } from '../../src/online/index.ts'
import type { JournalEntry } from '../../src/registry/index.ts'
import { type Instance, loadScorer, lookupMaker } from '../../src/scoring/index.ts'
import { readDataset } from '../../src/store/index.ts'
import type { TrainResult } from '../../src/training/index.ts'
import { type FlightsProject, flightsProject, say } from './flights-project.ts'
import type { AnswerCount } from './load-process.ts'
import { keepInFlight } from './requests-in-flight.ts'

const model = 'late_departure'
const moment = '2013-12-09T21:25:00Z'
const inFlight = 32

let project: FlightsProject
let url: string
let instances: readonly Instance[]
/** What each version gives for each instance, computed without the server. */
const expected = new Map<string, readonly number[]>()

beforeAll(async () => {
  project = await flightsProject()
  await project.fti('feature', 'run')
  // The template lets no version win back the tag from a better one; here each must win it from the other.
  await project.overlay('rivals', { models: { [model]: { gates: [{ metric: 'auc', min: 0.7 }] } } })
  const { dataset } = await project.fti<TrainResult>('train', '--env', 'rivals', '--epochs', '1', '--seed', '1')
  await project.fti('train', '--env', 'rivals', '--epochs', '1', '--seed', '2')
  await project.fti('registry', 'promote', `${model}@1`)
  await project.fti('feature', 'sync', '--as-of', moment)
  instances = await instancesOf(dataset.id)
  for (const version of [1, 2]) expected.set(`${model}@${version}`, await probabilitiesOf(version))
  url = (await project.serve('--now', moment)).url
})
afterAll(() => project.remove())

test('20 promotions and 4 ways back with 32 requests in flight: none fails, each answer is of one whole version', async () => {
  const requests = await keepInFlight(`${url}/v1/services/${model}/predict`, inFlight, instances)
  const swaps: number[] = []
  for (let promotion = 0; promotion < 20; promotion++) {
    const version = promotion % 2 === 0 ? 2 : 1
    await project.fti('registry', 'promote', `${model}@${version}`)
    await untilServed(version)
    swaps.push(version)
  }
  for (let back = 0; back < 4; back++) {
    const { version } = await project.fti<JournalEntry>('registry', 'rollback', model)
    await untilServed(version ?? 0)
    swaps.push(version ?? 0)
  }
  const answers = await requests.stop()
  say(`${swaps.length} swaps to ${swaps.join(' ')}: ${summary(answers)}`)
  expectSound(answers)
  expect(new Set(answers.map((answer) => answer.model))).toEqual(new Set(expected.keys()))
  expect(new Set(answers.map(({ instance }) => instance)).size).toBe(instances.length)
})

test('the registry is gone for 30 seconds: no request fails, the server says so, and takes up the next promotion', async () => {
  const before = await ready()
  const requests = await keepInFlight(`${url}/v1/services/${model}/predict`, inFlight, instances)
  const registry = join(project.directory, 'registry')
  await rename(registry, `${registry}-away`)
  await until(async () => (await ready()).degraded)
  expect(await ready()).toMatchObject({
    status: 'ready',
    model: before.model,
    reasons: ['the registry cannot be read'],
  })
  const early = await requests.answered()
  await sleep(30_000)
  const late = await requests.answered()
  expect(late).toBeGreaterThan(early)
  expect((await ready()).degraded).toBe(true)
  await rename(`${registry}-away`, registry)
  await until(async () => !(await ready()).degraded)
  const next = before.model === `${model}@1` ? 2 : 1
  await project.fti('registry', 'promote', `${model}@${next}`)
  await untilServed(next)
  const answers = await requests.stop()
  say(`registry away for 30 s: ${late - early} answers meanwhile; in all ${summary(answers)}`)
  expectSound(answers)
})

interface Readiness {
  readonly status: string
  readonly model: string
  readonly degraded: boolean
  readonly reasons: readonly string[]
}

async function ready(): Promise<Readiness> {
  const response = await fetch(`${url}/health/ready`)
  expect(response.status).toBe(200)
  return (await response.json()) as Readiness
}

const untilServed = (version: number) => until(async () => (await ready()).model === `${model}@${version}`)

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('it did not come about within a minute')
    await sleep(50)
  }
}

function expectSound(answers: readonly AnswerCount[]): void {
  expect(answers.filter(({ status }) => status !== 200)).toEqual([])
  expect(answers.filter(({ model, instance, probability }) => expected.get(model)?.[instance] !== probability)).toEqual(
    [],
  )
  expect(answers.length).toBeGreaterThan(0)
}

function summary(answers: readonly AnswerCount[]): string {
  const count = (those: readonly AnswerCount[]) => those.reduce((sum, answer) => sum + answer.count, 0)
  const failed = count(answers.filter(({ status }) => status !== 200))
  const each = [...expected.keys()].map((name) => `${name} ${count(answers.filter(({ model }) => model === name))}`)
  return `${count(answers)} answers, ${failed} failed (${each.join(', ')})`
}

/** Flights that were asked about in the hour before the moment. */
async function instancesOf(dataset: string): Promise<Instance[]> {
  const { paths } = await readDataset(join(project.directory, 'store'), model, dataset)
  const engine = await openEngine({ tempDirectory: project.directory, allowedDirectories: [project.directory] })
  const rows = await engine.rows<Instance>(
    `SELECT origin, carrier, tailnum, dest, distance, scheduled_at FROM read_parquet('${paths.test}')
     WHERE predict_at BETWEEN TIMESTAMPTZ '${moment}' - INTERVAL 1 HOUR AND TIMESTAMPTZ '${moment}'
     ORDER BY flight_id LIMIT 16`,
  )
  await engine.close()
  expect(rows).toHaveLength(16)
  return rows
}

/** Of each instance, by the version's files and the online store. The versions differ on each, else they could be mistaken. */
async function probabilitiesOf(version: number): Promise<number[]> {
  const { registry, online } = await project.open()
  const scorer = await loadScorer({ registry, model, version })
  const reader = await openOnlineReader(online)
  const values = await reader.fetch(() => scorer.wants(instances))
  const scored = scorer.score(instances, lookupMaker()(values), Date.parse(moment))
  await reader.close()
  scorer.close()
  const outputs = scored.map(({ output }) => output)
  for (const other of expected.values()) expect(outputs.filter((output, i) => output === other[i])).toEqual([])
  return outputs
}
