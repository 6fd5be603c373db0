import { beforeAll, describe, expect, test } from 'vitest'
import type { TrainResult } from '../../src/training/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { PumpProject } from './pump-project.ts'

let pumps: PumpProject

beforeAll(async () => {
  pumps = await PumpProject.create().runFeatures()
}, 60_000)

const run = (project: PumpProject, ...words: string[]) =>
  runCommand(['train', '--backend', 'cpu', ...words], { cwd: project.directory })

test('the page shows the version beside its baselines, every gate, and what to type next', async () => {
  const { exit, stdout, stderr } = await run(pumps.copy(), '--as-of', '2025-03-01')
  expect(exit, stderr).toBe(0)
  expect(stdout).toMatch(/^failing_check@1$/m)
  expect(stdout).toMatch(/253 train, 52 validation, 85 test rows/)
  expect(stdout).toMatch(/^this version +0\.\d{4} \(0\.\d{3}-0\.\d{3}\)/m)
  expect(stdout).toMatch(/^base rate +0\.5000/m)
  expect(stdout).toMatch(/^passed auc >= 0\.55: /m)
  expect(stdout).toContain('Registered. Next: fti registry promote failing_check@1')
})

test('a gate that says no ends with 1; the version is registered all the same', async () => {
  const project = pumps.copy().edit('fti.config.yaml', 'min: 0.55', 'min: 0.999')
  const result = await run(project, '--json', '--seed', '3', '--epochs', '2')
  expect(result.exit).toBe(1)
  const { version, report } = result.json().data as TrainResult
  expect(version).toBe(1)
  expect(report.promotable).toBe(false)
  expect(report.training.epochs).toHaveLength(2)
})

describe('bad input ends with its code, and registers nothing:', () => {
  test.each<[line: string, exit: number, code: string]>([
    ['--epochs 0', 2, 'FTI_FLAG_INVALID'],
    ['--epochs 1.5', 2, 'FTI_FLAG_INVALID'],
    ['--seed -1', 2, 'FTI_FLAG_INVALID'],
    ['--seed 4294967296', 2, 'FTI_FLAG_INVALID'],
    ['--backend gpu', 2, 'FTI_FLAG_INVALID'],
    ['--as-of yesterday', 2, 'FTI_TIME_INVALID'],
    ['--shift-availability 2', 2, 'FTI_DURATION_INVALID'],
    ['no_such_model', 2, 'FTI_MODEL_UNDEFINED'],
    ['--as-of 2025-01-01', 1, 'FTI_SPINE_NO_MATCH'],
    ['--backend tfjs-node', 6, 'FTI_BACKEND_MISSING'],
  ])('fti train %s', async (line, exit, code) => {
    const project = pumps.copy()
    const result = await runCommand(['train', '--json', ...line.split(' ')], { cwd: project.directory })
    expect([result.exit, result.json().error?.['code']]).toEqual([exit, code])
    expect(result.json().error?.['remedy']).toBeTruthy()
    const { stdout } = await runCommand(['registry', 'list', '--json'], { cwd: project.directory })
    expect(JSON.parse(stdout)).toMatchObject({ data: { versions: [] } })
  })
})

test('a group that was never run is named with the command that runs it', async () => {
  const result = await runCommand(['train', '--json'], { cwd: PumpProject.create().directory })
  expect(result.exit).toBe(1)
  expect(result.json().error).toMatchObject({ code: 'FTI_GROUP_NEVER_RUN', remedy: 'run: fti feature run checks' })
})

test('fti train --if-needed names the rule that fired, or says that none did', async () => {
  const project = pumps.copy()
  const idle = await run(project, '--if-needed')
  expect([idle.exit, idle.stdout.trim()]).toEqual([0, 'failing_check needs no training: it has no retrain rules'])
  project.edit('fti.config.yaml', 'split: { test', 'retrain: { olderThan: 30d }\n    split: { test')
  const fired = await run(project, '--if-needed')
  expect(fired.exit, fired.stderr).toBe(0)
  expect(fired.stderr).toContain('training failing_check: it was never trained')
})
