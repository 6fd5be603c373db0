import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { journalHead, moveTag } from '../../../src/registry/index.ts'
import { type GateResult, type Report, rejudge, type TrainResult } from '../../../src/training/index.ts'
import { PumpProject } from '../pump-project.ts'

const champion = 'auc not worse than champion'
const recent = 'auc not worse than the best of the last five versions'

/** Version 1 is the champion; it reads the pressure, which says nearly all there is to say. */
let pumps: PumpProject

beforeAll(async () => {
  pumps = PumpProject.create()
  pumps.edit('fti.config.yaml', '- { metric: auc, min: 0.55 }', '- { metric: auc, notWorseThan: champion }')
  await pumps.runFeatures()
  await pumps.train({ epochs: 10 })
  await promoted(pumps, 1)
}, 60_000)

async function promoted(project: PumpProject, to: number): Promise<void> {
  const { registry } = await project.load()
  await moveTag(registry, 'failing_check', { tag: 'champion', to, by: 'test', now: new Date() })
}

const gateOf = ({ report }: TrainResult, name: string) => report.gates.find(({ gate }) => gate === name)

/** The same project whose model no longer reads the pressure. */
function blind(): PumpProject {
  return pumps
    .copy()
    .edit('fti.config.yaml', 'pick: [pressure, load]', 'pick: [load]')
    .edit('fti.config.yaml', 'on: { pump: backup }, pick: [pressure]', 'on: { pump: backup }, pick: [load]')
}

describe('a new version is compared', () => {
  test('with the champion and with the best of the last five, on its own test rows', async () => {
    const result = await pumps.copy().train({ epochs: 10 })
    expect(gateOf(result, champion)).toMatchObject({
      passed: true,
      found: 'difference to version 1: +0.0000 (+0.0000 to +0.0000)',
      comparison: { metric: 'auc', tag: 'champion', version: 1 },
    })
    expect(gateOf(result, recent)).toMatchObject({ passed: true, found: expect.stringContaining('version 1') })
  })

  test('with a champion that reads other features, which get their values as that one would be served', async () => {
    const result = await blind().train()
    expect(gateOf(result, champion)).toMatchObject({
      passed: false,
      found: expect.stringMatching(/^difference to version 1: -0\.[1-5]\d+ \(-0\.\d+ to -0\.\d+\)$/),
    })
    expect(result.report.promotable).toBe(false)
  })

  test('with a champion whose on-demand code was another one, which runs its own', async () => {
    const project = pumps.copy().edit('features/hour.ts', 'getUTCHours()', 'getUTCHours() * 1000')
    const result = await project.train({ epochs: 10 })
    // Fed with hours a thousand times too large the champion would lose by far.
    expect(gateOf(result, champion)?.found).toMatch(/^difference to version 1: [+-]0\.0/)
  })
})

describe('a champion cannot be compared with, so that the new version is refused,', () => {
  test('when it has trained on the test rows', async () => {
    const result = await pumps.copy().train({ asOf: new Date('2025-01-25T00:00:00Z') })
    expect(gateOf(result, champion)).toMatchObject({
      passed: false,
      found: expect.stringMatching(
        /^version 1: it was trained on rows until 2025-01-31T.*, which are among the test rows$/,
      ),
    })
    expect(gateOf(result, recent)).toMatchObject({ passed: true, found: 'none of them can be compared' })
  })

  test('when it is damaged; the training itself goes on', async () => {
    const project = pumps.copy()
    const path = join(project.directory, 'registry/failing_check/versions/1/weights.bin')
    const bytes = readFileSync(path)
    bytes[0] = (bytes[0] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const result = await project.train()
    expect(gateOf(result, champion)).toMatchObject({ passed: false, found: expect.stringContaining('weights.bin') })
    expect(result.version).toBe(2)
  })
})

describe('the verdict at promotion', () => {
  /** Version 2 is blind and was judged while there was no champion; then version 1 became it. */
  let project: PumpProject
  let recorded: readonly GateResult[]

  beforeAll(async () => {
    project = blind().edit('fti.config.yaml', 'notWorseThan: champion', 'notWorseThan: winner')
    const { report } = await project.train()
    recorded = report.gates
    const { registry } = await project.load()
    await moveTag(registry, 'failing_check', { tag: 'winner', to: 1, by: 'test', now: new Date() })
  }, 60_000)

  async function verdict(tags?: Record<string, number>, of = project) {
    const loaded = await of.load()
    const head = await journalHead(loaded.registry, 'failing_check')
    const gates = await rejudge({
      project: loaded,
      model: 'failing_check',
      version: 2,
      gates: recorded,
      tags: tags ?? head.tags,
    })
    return gates.find(({ comparison }) => comparison?.tag === 'winner')
  }

  test('is made again against the version that the tag names now', async () => {
    expect(recorded.find(({ comparison }) => comparison)).toMatchObject({ passed: true, found: 'no winner yet' })
    expect(await verdict()).toMatchObject({
      passed: false,
      found: expect.stringContaining('difference to version 1: -0.'),
      comparison: { version: 1 },
    })
  })

  test('leaves every other gate as it was judged', async () => {
    const loaded = await project.load()
    const request = { project: loaded, model: 'failing_check', version: 2, gates: recorded, tags: { winner: 1 } }
    const others = (gates: readonly GateResult[]) => gates.filter(({ comparison }) => !comparison)
    expect(others(await rejudge(request))).toEqual(others(recorded))
  })

  test('is the recorded one while the tag names what it named', async () => {
    expect(await verdict({})).toEqual(recorded.find(({ comparison }) => comparison))
  })

  test('passes a version that the tag names already', async () => {
    expect(await verdict({ winner: 2 })).toMatchObject({ passed: true, found: 'it is the winner itself' })
  })

  test('is the recorded one when the training dataset is gone, and says so', async () => {
    const without = project.copy()
    rmSync(join(without.directory, 'store/_training'), { recursive: true })
    expect(await verdict(undefined, without)).toMatchObject({
      passed: true,
      found: expect.stringMatching(/^no winner yet; as judged at training, for its training dataset \w+ is gone$/),
    })
  })
})

test('a version that failed its gates is no bar for the next ones', async () => {
  const project = pumps.copy()
  const leaking = project.copy()
  leaking.edit(
    'training/failing_check.sql',
    'backup, weight, planned_at,',
    'backup, failed::double AS weight, planned_at,',
  )
  leaking.edit(
    'training/failing_check.sql',
    'from checks',
    'from checks join check_outcomes using (check_id, planned_at)',
  )
  const leaked: Report = (await leaking.train({ epochs: 20 })).report
  expect(leaked.test.metrics['auc']?.value).toBeGreaterThan(0.95)
  leaking.write(
    'training/failing_check.sql',
    readFileSync(join(project.directory, 'training/failing_check.sql'), 'utf8'),
  )
  expect(gateOf(await leaking.train({ epochs: 10 }), recent)).toMatchObject({
    passed: true,
    found: expect.stringContaining('version 1'),
  })
})
