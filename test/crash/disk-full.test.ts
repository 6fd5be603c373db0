import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { cp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/index.ts'
import { featureOutcome, featureState, leftoversIn, registryState } from './project-state.ts'
import { fti, SmallProject, writeRentals } from './small-project.ts'

const disk = mkdtempSync(join(tmpdir(), 'fti-disk-'))
const isMountable = mountSmallDisk() && unmountSmallDisk()
if (!isMountable) process.stderr.write('disk full: skipped, this user may not mount a tmpfs\n')
const mustBeMountable = process.env['CI'] !== undefined && process.getuid?.() === 0

const directory = join(disk, 'project')
const ballast = join(disk, 'ballast')
let project: SmallProject
let engine: Engine
beforeAll(async () => {
  if (!isMountable) return
  mountSmallDisk()
  project = await SmallProject.make()
  const tempDirectory = join(project.folder, 'spill')
  engine = await openEngine({ tempDirectory, allowedDirectories: [disk, project.folder] })
  await writeRentals(project.directory, 150)
  await fti(project.directory, 'feature', 'run')
  for (let version = 0; version < 2; version++) await fti(project.directory, 'train')
  await fti(project.directory, 'registry', 'promote', 'busy_day@1')
  await writeRentals(project.directory, 200)
}, 120_000)
afterAll(async () => {
  if (isMountable) {
    await engine.close()
    await project.remove()
    unmountSmallDisk()
  }
  rmdirSync(disk)
})

describe.runIf(isMountable || mustBeMountable)('on a full disk', () => {
  test('a feature run ends with 7 and shows nothing half; with room again it works', async () => {
    const words = ['feature', 'run']
    expect(await runWithRoom(4096, words)).toMatchObject({ code: 0 })
    const before = await featureState(engine, project.directory)
    const after = await featureState(engine, directory)
    const outcomes = await inEachRoom(words, [8, 56], async () =>
      featureOutcome(await featureState(engine, directory), before, after),
    )
    expect(outcomes.size).toBeGreaterThan(1)
    expect(await featureState(engine, directory)).toEqual(after)
  }, 900_000)

  test('a training ends with 7 and registers nothing; with room again it works', async () => {
    const before = await registryState(project.directory)
    await inEachRoom(['train'], [24], async () => {
      expect(await registryState(directory)).toEqual(before)
      return 'before'
    })
    expect((await registryState(directory)).versions).toHaveLength(before.versions.length + 1)
  }, 900_000)

  test('a promotion ends with 7 and moves nothing; with room again it works', async () => {
    const before = await registryState(project.directory)
    await inEachRoom(['registry', 'promote', 'busy_day@2'], [0], async () => {
      expect(await registryState(directory)).toEqual(before)
      return 'before'
    })
    expect((await registryState(directory)).tags).toEqual({ champion: 2 })
  }, 900_000)
})

/**
 * Runs a command in rooms of so many KiB, each time in a copy of the project, and again once there is room; what it left
 * in each. The long form goes on in steps of 8 KiB up to the first room that is large enough.
 */
async function inEachRoom(words: readonly string[], rooms: readonly number[], leftNow: () => Promise<string>) {
  const outcomes = new Set<string>()
  for (const kib of process.env['FTI_LONG'] ? Array.from({ length: 128 }, (_, step) => 8 * step) : rooms) {
    const { code, said } = await runWithRoom(kib, words)
    if (code === 0 && process.env['FTI_LONG']) break
    expect(code, `${kib} KiB: ${said}`).toBe(7)
    expect(said).toContain('FTI_DISK_FULL')
    outcomes.add(await leftNow())
    expect(await leftoversIn(directory)).toEqual([])
    await fti(directory, ...words)
  }
  return outcomes
}

async function runWithRoom(kib: number, words: readonly string[]): Promise<{ code: number; said: string }> {
  await rm(directory, { recursive: true, force: true })
  await cp(project.directory, directory, { recursive: true })
  const { bavail, bsize } = await statfs(disk)
  await writeFile(ballast, Buffer.alloc(bavail * bsize - kib * 1024))
  try {
    await fti(directory, ...words)
    return { code: 0, said: '' }
  } catch (error) {
    const { code, signal, stderr, stdout } = error as { code: number; signal: string; stderr: string; stdout: string }
    return { code, said: `${stdout}${stderr}${signal ?? ''}` }
  } finally {
    await rm(ballast)
  }
}

/** A file system of its own of 8 MiB; false where this user may not mount. */
function mountSmallDisk(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function unmountSmallDisk(): boolean {
  execFileSync('umount', [disk])
  return true
}
