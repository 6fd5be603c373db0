import { beforeAll, describe, expect, test } from 'vitest'
import type { Model, Retrain } from '../../src/contract/index.ts'
import { train, trainingTrigger } from '../../src/training/index.ts'
import { PumpProject } from './pump-project.ts'

let empty: PumpProject
let pumps: PumpProject

beforeAll(async () => {
  empty = PumpProject.create()
  pumps = await empty.copy().runFeatures()
  await pumps.train({ epochs: 1, now: new Date('2026-01-01T00:00:00Z') })
}, 60_000)

async function trigger(project: PumpProject, retrain: Retrain, now = '2026-01-02T00:00:00Z') {
  const loaded = await project.load()
  const model = { ...(loaded.models.get('failing_check') as Model), retrain }
  return trainingTrigger(loaded, model, new Date(now))
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
    const report = (check: string) => `${check},2025-02-08T08:00:00Z,2025-02-08T10:00:00Z,true`
    grown.edit('data/reports.csv', /$/, `\n${report('c391')}\n${report('c392')}`)
    await grown.runFeatures('check_outcomes')
    expect(await trigger(grown, { newRows: 2 })).toEqual({
      fired: true,
      reasons: ['2 new labels since version 1, limit 2'],
    })
    expect(await trigger(grown, { newRows: 3 })).toMatchObject({ fired: false })
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
