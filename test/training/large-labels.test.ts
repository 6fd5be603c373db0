import { expect, test } from 'vitest'
import { PumpProject } from './pump-project.ts'

const sizes = [3_000, 3_000_000]

test.each(sizes)('a regression whose labels are about %i is trained and registered', async (size) => {
  const pumps = PumpProject.create()
    .edit('fti.config.yaml', 'failed: { type: boolean }', 'failed: { type: float64 }')
    .edit('fti.config.yaml', 'task: binary', 'task: regression')
    .edit('fti.config.yaml', '{ metric: auc, min: 0.55 }', '{ metric: rmse, max: 1e9 }')
    .edit('features/check_outcomes.sql', ', failed ', `, failed::DOUBLE * ${size / 10} + ${size} AS failed `)
  await pumps.runFeatures()
  const { version, report } = await pumps.train()
  expect([version, report.promotable]).toEqual([1, true])
})
