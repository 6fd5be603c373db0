import { readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { examine } from '../../src/operations/index.ts'
import { runCommand } from '../cli/run-command.ts'
import { PumpProject } from '../training/pump-project.ts'

let pumps: PumpProject

beforeAll(async () => {
  pumps = await PumpProject.create().runFeatures()
  await pumps.train({ epochs: 1 })
}, 60_000)

const weightsOf = (project: PumpProject) => join(project.directory, 'registry/failing_check/versions/1/weights.bin')

/** Damage that leaves name and size as they were. */
function flipByte(path: string): void {
  const bytes = readFileSync(path)
  bytes[0] = (bytes[0] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

const fti = (project: PumpProject, line: string) => runCommand(line.split(' '), { cwd: project.directory })

async function registryCheck(project: PumpProject) {
  const checks = await examine({ directory: project.directory, signal: new AbortController().signal })
  return checks.find(({ check }) => check === 'registry')
}

describe('a version whose file was cut short', () => {
  test('is listed as corrupt, with what is wrong and how to mend it, and the list does not fail', async () => {
    const project = pumps.copy()
    truncateSync(weightsOf(project), 3)
    const { exit, stdout } = await fti(project, 'registry list')
    expect(exit).toBe(0)
    expect(stdout).toMatch(/failing_check@1 weights\.bin has 3 bytes instead of \d+/)
    expect(stdout).toContain('fix: fti registry verify failing_check')
  })
})

describe('a version of which one byte has changed', () => {
  test('looks well in the cheap list; with --verify it is corrupt, and the exit code is 5', async () => {
    const project = pumps.copy()
    flipByte(weightsOf(project))
    expect((await fti(project, 'registry list')).exit).toBe(0)
    const { exit, stdout } = await fti(project, 'registry list --verify')
    expect(exit).toBe(5)
    expect(stdout).toContain('weights.bin was changed after it was registered')
  })

  test('fails the registry check of fti doctor, which names the folder', async () => {
    const project = pumps.copy()
    flipByte(weightsOf(project))
    expect(await registryCheck(project)).toMatchObject({
      state: 'fail',
      place: join(project.directory, 'registry/failing_check/versions/1'),
      found: expect.stringContaining('weights.bin was changed'),
    })
  })
})

test('a sound registry passes fti registry list --verify and fti doctor', async () => {
  expect((await fti(pumps, 'registry list --verify')).exit).toBe(0)
  expect(await registryCheck(pumps)).toMatchObject({ state: 'ok', found: '1 model, every file has its digest' })
})

test('fti doctor finds nothing wrong in a project that never trained', async () => {
  expect(await registryCheck(PumpProject.create())).toMatchObject({ state: 'ok', found: 'nothing was registered yet' })
})

test('fti doctor fails when the registry is gone', async () => {
  const project = pumps.copy()
  renameSync(join(project.directory, 'registry'), join(project.directory, 'away'))
  expect(await registryCheck(project)).toMatchObject({ state: 'fail', remedy: expect.stringContaining('mounted') })
})
