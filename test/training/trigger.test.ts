import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Model, Retrain } from '../../src/contract/index.ts'
import { train, trainingTrigger } from '../../src/training/index.ts'
import { PumpProject } from './pump-project.ts'

let empty: PumpProject
let pumps: PumpProject

beforeAll(async () => {
  empty = PumpProject.create()
  pumps = await empty.copy().runFeatures()
  await pumps.train({ now: new Date('2026-01-01T00:00:00Z') })
}, 60_000)

async function trigger(project: PumpProject, retrain: Retrain, now = '2026-01-02T00:00:00Z') {
  const loaded = await project.load()
  const model = { ...(loaded.models.get('failing_check') as Model), retrain }
  return trainingTrigger(loaded, model, new Date(now))
}

function addReports(project: PumpProject, ...checks: string[]): void {
  const lines = checks.map((check) => `\n${check},2025-02-08T08:00:00Z,2025-02-08T10:00:00Z,true`)
  project.edit('data/reports.csv', /$/, lines.join(''))
}

describe('nothing fires', () => {
  test('without rules', async () => {
    expect(await trigger(pumps, {})).toEqual({ fired: false, reasons: ['it has no retrain rules'] })
  })

  test('before there are labels', async () => {
    expect(await trigger(empty, { newRows: 1 })).toEqual({
      fired: false,
      reasons: ['check_outcomes has no data yet'],
    })
  })

  test('while the newest version is young and no label is new, each rule saying what it found', async () => {
    expect(await trigger(pumps, { newRows: 1, olderThanMs: 30 * 86_400_000 })).toEqual({
      fired: false,
      reasons: ['version 1 is 1d old, limit 30d', '0 new labels since version 1, limit 1'],
    })
  })
})

describe('it fires', () => {
  test('for a model that was never trained', async () => {
    const untrained = await empty.copy().runFeatures('check_outcomes')
    expect(await trigger(untrained, { newRows: 1 })).toEqual({ fired: true, reasons: ['it was never trained'] })
  })

  test('when the newest version is too old', async () => {
    expect(await trigger(pumps, { olderThanMs: 3_600_000 })).toEqual({
      fired: true,
      reasons: ['version 1 is 1d old, limit 1h'],
    })
  })

  test('when enough labels have come', async () => {
    const grown = pumps.copy()
    addReports(grown, 'c391', 'c392')
    await grown.runFeatures('check_outcomes')
    expect(await trigger(grown, { newRows: 2 })).toEqual({
      fired: true,
      reasons: ['2 new labels since version 1, limit 2'],
    })
    expect(await trigger(grown, { newRows: 3 })).toMatchObject({ fired: false })
  })
})

describe('a version that failed its gates', () => {
  let refused: PumpProject

  beforeAll(async () => {
    refused = pumps.copy().edit('fti.config.yaml', 'metric: auc, min: 0.55', 'metric: auc, min: 0.999')
    addReports(refused, 'c391', 'c392')
    await refused.runFeatures('check_outcomes')
    const { report } = await refused.train({ epochs: 1, now: new Date('2026-01-01T12:00:00Z') })
    expect(report.promotable).toBe(false)
  }, 60_000)

  test('does not take the labels or the age of the version before it off the rules', async () => {
    const grown = refused.copy()
    addReports(grown, 'c393')
    await grown.runFeatures('check_outcomes')
    expect(await trigger(grown, { newRows: 3, olderThanMs: 3_600_000 })).toEqual({
      fired: true,
      reasons: [
        'version 1 is 1d old, limit 1h',
        '3 new labels since version 1, limit 3',
        'version 2 failed its gates, and labels changed since',
      ],
    })
  })

  test('is not trained again from the very same data and definition', async () => {
    expect(await trigger(refused, { newRows: 2 })).toEqual({
      fired: false,
      reasons: ['version 2 failed its gates, and nothing has changed since'],
    })
  })

  test.each([
    [
      'the project file',
      (project: PumpProject) => project.edit('fti.config.yaml', 'metric: auc, min: 0.999', 'metric: auc, min: 0.5'),
    ],
    [
      'the spine',
      (project: PumpProject) => project.edit('training/failing_check.sql', 'from checks;', 'from checks where true;'),
    ],
    [
      'the on-demand code',
      (project: PumpProject) => project.edit('features/hour.ts', 'getUTCHours()', 'getUTCHours() + 0'),
    ],
  ])('is trained again when %s changed', async (what, change) => {
    const changed = refused.copy()
    change(changed)
    expect(await trigger(changed, { newRows: 2 })).toMatchObject({
      fired: true,
      reasons: [expect.any(String), `version 2 failed its gates, and ${what} changed since`],
    })
  })

  test('does not fire a rule that the version before it does not fire either', async () => {
    expect(await trigger(refused, { newRows: 3 })).toEqual({
      fired: false,
      reasons: ['2 new labels since version 1, limit 3'],
    })
  })
})

test('a registry that has lost the model is an error, and no reason to train a first version', async () => {
  const project = pumps.copy()
  renameSync(join(project.directory, 'registry'), join(project.directory, 'away'))
  await expect(trigger(project, { newRows: 1 })).rejects.toMatchObject({
    code: 'FTI_REGISTRY_UNREACHABLE',
    message: expect.stringContaining('failing_check@1 is known from run'),
  })
})

test('fti train --if-needed does nothing and says why when no rule fires', async () => {
  const options = await pumps.trainOptions()
  expect(await train({ ...options, onlyIfNeeded: true })).toEqual({
    status: 'not needed',
    model: 'failing_check',
    reasons: ['it has no retrain rules'],
  })
})
