import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleScript } from '../script.ts'
import { killSweep } from './kill-sweep.ts'
import { registryState } from './project-state.ts'
import { fti, SmallProject } from './small-project.ts'

const kills = process.env['FTI_LONG'] ? 50 : 4

let project: SmallProject
beforeAll(async () => {
  project = await SmallProject.make()
  await fti(project.directory, 'feature', 'run')
  await fti(project.directory, 'train')
  await fti(project.directory, 'train')
  await fti(project.directory, 'registry', 'promote', 'busy_day@1')
}, 90_000)
afterAll(() => project.remove())

test(`a promotion that is killed at any of ${kills} moments is before or after, and the next one repairs`, async () => {
  const outcomes = await killSweep({
    words: ['registry', 'promote', 'busy_day@2'],
    kills,
    clock: await bundleScript(new URL('./tell-calls.ts', import.meta.url)),
    copy: () => project.copy(),
    stateOf: async (directory) => ({
      ...(await registryState(directory)),
      tagFile: await readFile(join(directory, 'registry/busy_day/tags/champion'), 'utf8'),
    }),
    outcomeOf: (left, before, after) => {
      if (left.entries === before.entries) expect(left).toEqual(before)
      else expect(left).toEqual({ ...after, tagFile: left.tagFile })
      expect(left.tagFile).toBeOneOf([before.tagFile, after.tagFile])
      if (left.entries === before.entries) return 'before'
      return left.tagFile === after.tagFile ? 'after' : 'decided, the tag file not yet rewritten'
    },
    checkRepaired: (repaired, _left, after) => expect(repaired).toEqual(after),
  })
  expect(outcomes.size).toBeGreaterThan(1)
}, 600_000)
