import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentReporter } from '../../../src/base/index.ts'
import { listQuarantine, type ReplayOptions, replayQuarantine, showQuarantine } from '../../../src/feature/index.ts'
import { latestContract } from '../../../src/store/index.ts'
import { TemporaryProject } from '../temporary-project.ts'

const csv = `origin,at,delay
JFK,2013-01-01T05:00:00Z,2.5
EWR,2013-01-01T05:00:00Z,700
LGA,2013-01-01T06:00:00Z,9000
`
const within = (max: number) => ({
  delays: { onInvalid: 'quarantine', features: { delay: { type: 'float64', range: [-60, max] } } },
})
const monday = new Date('2013-01-07T00:00:00Z')
const tuesday = new Date('2013-01-08T00:00:00Z')

async function quarantined(): Promise<TemporaryProject> {
  const project = new TemporaryProject({ ...within(100), files: { 'data/flights.csv': csv } })
  await project.run({ now: monday })
  return project
}

const replay = async (project: TemporaryProject, options: Partial<ReplayOptions> = {}) =>
  replayQuarantine({
    project: await project.load(),
    group: 'delays',
    dryRun: false,
    clock: () => tuesday,
    by: 'test',
    command: 'fti feature quarantine replay delays',
    lockWaitMs: 0,
    reporter: silentReporter,
    ...options,
  })

test('refused rows are listed by reason and shown with their values', async () => {
  const project = await quarantined()
  const loaded = await project.load()
  const at = monday.toISOString()
  const summary = {
    group: 'delays',
    rows: 2,
    oldest: at,
    newest: at,
    reasons: [{ reason: 'delay is above 100', rows: 2 }],
  }
  expect(await listQuarantine(loaded)).toEqual([summary])
  const shown = await showQuarantine(loaded, 'delays', 1)
  expect(shown.summary).toEqual(summary)
  expect(shown.rows).toMatchObject([
    { reason: 'delay is above 100', quarantinedAt: at, values: { origin: 'EWR', delay: '700.0' } },
  ])
})

test('an unknown group is an error with the nearest name, never an empty list', async () => {
  const loaded = await (await quarantined()).load()
  await expect(showQuarantine(loaded, 'delay', 1)).rejects.toMatchObject({
    code: 'FTI_GROUP_UNKNOWN',
    remedy: "did you mean 'delays'?",
  })
})

test('after a fix of the contract what passes is committed, known from that commit on; the rest stays', async () => {
  const project = await quarantined()
  project.configure(within(1500))
  expect(await replay(project)).toEqual({
    group: 'delays',
    contractVersion: 1,
    dryRun: false,
    tried: 2,
    accepted: 1,
    superseded: 0,
    refused: 1,
    stillRefused: [{ rule: 'delay is above 1500', rows: 1 }],
    snapshot: 1,
  })
  expect((await project.stored()).at(-1)).toMatchObject({
    origin: 'EWR',
    delay: 700,
    at: '2013-01-01T05:00:00.000Z',
    _available_at: tuesday.toISOString(),
  })
  expect(await project.quarantined()).toMatchObject([{ row: expect.stringContaining('LGA') }])
  expect((await latestContract(join(project.folder, 'store'), 'delays'))?.contract.features[0]?.range).toEqual([
    -60, 1500,
  ])
})

test('a dry run counts the same and changes nothing', async () => {
  const project = await quarantined()
  project.configure(within(1500))
  expect(await replay(project, { dryRun: true })).toMatchObject({ accepted: 1, refused: 1, snapshot: null })
  expect(await project.quarantined()).toHaveLength(2)
  expect(await project.history()).toHaveLength(1)
  expect((await latestContract(join(project.folder, 'store'), 'delays'))?.revision).toBe(1)
})

test('a second replay finds nothing more to do', async () => {
  const project = await quarantined()
  project.configure(within(9999))
  expect(await replay(project)).toMatchObject({ accepted: 2, refused: 0 })
  expect(await replay(project)).toMatchObject({ tried: 0, accepted: 0, snapshot: null })
  expect(await project.history()).toHaveLength(2)
})

test('the replay after one that died behind its commit writes the profile that it had not come to', async () => {
  const project = await quarantined()
  project.configure(within(9999))
  await replay(project)
  const profile = join(project.folder, 'store/_profiles/delays/v1/1.json')
  rmSync(profile)
  expect(await replay(project)).toMatchObject({ tried: 0, snapshot: null })
  expect(existsSync(profile)).toBe(true)
})

test('a row that was corrected at its source meanwhile leaves without being stored', async () => {
  const project = await quarantined()
  project.write('data/flights.csv', csv.replace(',700', ',7'))
  await project.run({ now: tuesday })
  project.configure(within(1500))
  const wednesday = () => new Date('2013-01-09T00:00:00Z')
  expect(await replay(project, { clock: wednesday })).toMatchObject({
    accepted: 0,
    superseded: 1,
    refused: 1,
    snapshot: null,
  })
  expect((await project.stored()).map(({ delay }) => delay)).toEqual([2.5, 7])
})

test('of several refused values for one key and event time the newest is taken', async () => {
  const project = await quarantined()
  project.write('data/flights.csv', csv.replace(',700', ',800'))
  await project.run({ now: tuesday })
  project.configure(within(1500))
  const wednesday = () => new Date('2013-01-09T00:00:00Z')
  expect(await replay(project, { clock: wednesday })).toMatchObject({ tried: 3, accepted: 1, refused: 2 })
  expect((await project.stored()).at(-1)).toMatchObject({ origin: 'EWR', delay: 800 })
})

test('rows are not replayed into a contract that waits for its approval', async () => {
  const project = await quarantined()
  project.configure({ delays: { onInvalid: 'quarantine', features: { delay: 'boolean' } } })
  await expect(replay(project)).rejects.toMatchObject({ code: 'FTI_CONTRACT_BREAKING', exit: 3 })
})
