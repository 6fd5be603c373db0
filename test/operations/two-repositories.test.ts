import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { apply, check, makePlan } from '../../src/operations/index.ts'
import { moveTag } from '../../src/registry/index.ts'
import { readDataset } from '../../src/store/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { PumpProject } from '../training/pump-project.ts'

/** Defines the groups and their SQL, and no model. */
let dataTeam: PumpProject
/** Has models alone: what they read is published in the store of the data team. */
let modelTeam: PumpProject

const part = (from: string, until?: string) => {
  const text = readFileSync(join(dataTeam.directory, 'whole.yaml'), 'utf8')
  return text.slice(text.indexOf(from), until === undefined ? undefined : text.indexOf(until))
}

beforeAll(async () => {
  dataTeam = PumpProject.create()
  modelTeam = new PumpProject()
  dataTeam.write('whole.yaml', readFileSync(join(dataTeam.directory, 'fti.config.yaml'), 'utf8'))
  const shared = `store: ${dataTeam.directory}/store\nregistry: ${modelTeam.directory}/registry\n`
  dataTeam.write('fti.config.yaml', `${part('project:', 'sources:')}${shared}${part('sources:', 'models:')}`)
  modelTeam.write('fti.config.yaml', `project: pump-models\n${shared}${part('models:')}`)
  for (const file of ['training/failing_check.sql', 'features/hour.ts'])
    modelTeam.write(file, readFileSync(join(dataTeam.directory, file), 'utf8'))
}, 60_000)

describe('before anything is published', () => {
  test('the model team is told that the groups are unknown', async () => {
    await expect(modelTeam.load()).rejects.toMatchObject({ exit: 2, message: expect.stringContaining('feature group') })
  })
})

describe('once the data team has published', () => {
  beforeAll(async () => {
    await dataTeam.runFeatures()
  }, 60_000)

  test('the spine and the view of the model team are resolved from the contracts in the store', async () => {
    expect((await check(await modelTeam.load())).problems).toEqual([])
  })

  test('a feature that the contract does not have is an error with the nearest name', async () => {
    const wrong = modelTeam.copy().edit('fti.config.yaml', 'pick: [pressure, load]', 'pick: [presure, load]')
    await expect(wrong.load()).rejects.toMatchObject({
      exit: 2,
      remedy: expect.stringContaining("did you mean 'pressure'?"),
    })
  })

  test('a group that nobody published is an error of the spine', async () => {
    const wrong = modelTeam.copy().edit('training/failing_check.sql', 'from checks', 'from cheks')
    expect((await check(await wrong.load())).problems).toMatchObject([{ remedy: "did you mean 'checks'?" }])
  })

  test('the model team trains and promotes, and the plan of the data team names its model and tag', async () => {
    await modelTeam.train({ epochs: 1 })
    const { registry } = await modelTeam.load()
    await moveTag(registry, 'failing_check', { tag: 'champion', to: 1, by: 'ml-team', now: new Date() })
    dataTeam.edit(
      'fti.config.yaml',
      'features: { pressure: { type: float64 }',
      'features: { pressure: { type: float64, unit: bar }',
    )
    const [readings] = (await makePlan(await dataTeam.load())).groups
    expect(readings).toMatchObject({
      action: 'breaking',
      readers: [{ model: 'failing_check', version: 1, tags: ['champion'], features: ['pressure', 'load'] }],
    })
  }, 60_000)

  test('after the data team has applied its change the model of the other team reads on', async () => {
    await apply(await dataTeam.load(), { by: 'data-team', now: new Date() })
    await dataTeam.runFeatures()
    expect((await runCommand(['parity', 'failing_check@champion'], { cwd: modelTeam.directory })).exit).toBe(0)
  }, 60_000)

  test('the model team may stay with the old contract version by name', async () => {
    const pinned = modelTeam.copy()
    for (const [before, after] of [
      ['- { group: pump_readings, pick', '- { group: pump_readings, contract: v1, pick'],
      ['- { group: pump_readings, as', '- { group: pump_readings, contract: v1, as'],
    ] as const)
      pinned.edit('fti.config.yaml', before, after)
    const { store } = await pinned.load()
    const { dataset } = await pinned.train({ epochs: 1 })
    const { snapshots } = await readDataset(store, 'failing_check', dataset.id)
    expect(snapshots.find(({ group }) => group === 'pump_readings')?.contractVersion).toBe(1)
  }, 60_000)

  test.each([
    ['two versions of one group', '- { group: pump_readings, pick', '- { group: pump_readings, contract: v1, pick'],
    [
      'a version that was never published',
      '- { group: pump_register, pick',
      '- { group: pump_register, contract: v7, pick',
    ],
  ])('%s are refused', async (_what, before, after) => {
    await expect(modelTeam.copy().edit('fti.config.yaml', before, after).load()).rejects.toMatchObject({ exit: 2 })
  })

  test('nothing is retired while the model of the other team reads it', async () => {
    const refused = await runCommand(['feature', 'retire', 'pump_readings@v1', '--yes'], { cwd: dataTeam.directory })
    expect(refused.exit).toBe(1)
    expect(refused.stderr).toContain('failing_check@1 (champion) reads it')
  })
})
