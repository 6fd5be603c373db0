import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleScript } from '../script.ts'
import { killSweep } from './kill-sweep.ts'
import { countDatasets, registryState } from './project-state.ts'
import { fti, SmallProject } from './small-project.ts'

const kills = process.env['FTI_LONG'] ? 50 : 4

let project: SmallProject
beforeAll(async () => {
  project = await SmallProject.make()
  await fti(project.directory, 'feature', 'run')
  await fti(project.directory, 'train')
}, 60_000)
afterAll(() => project.remove())

test(`a training that is killed at any of ${kills} moments has registered all or nothing, and the next one registers`, async () => {
  const outcomes = await killSweep({
    words: ['train'],
    kills,
    clock: await bundleScript(new URL('./tell-calls.ts', import.meta.url)),
    copy: async () => {
      const directory = await project.copy()
      // The same inputs make the same dataset, which would be found instead of made.
      await rm(join(directory, 'store/_training'), { recursive: true })
      return directory
    },
    stateOf: async (directory) => ({
      ...(await registryState(directory)),
      datasets: await countDatasets(directory),
    }),
    outcomeOf: (left, before, after) => {
      const { datasets, ...registry } = left
      // A number that a killed run took is never used again: the run after it, which may be killed too, takes the next.
      const [, ...older] = after.versions
      const versions = [expect.stringMatching(/^[23] ok /), ...older]
      const registered = { entries: after.entries, tags: after.tags, versions }
      if (registry.entries === registered.entries) expect(registry).toEqual(registered)
      else expect(registry).toEqual({ entries: before.entries, tags: before.tags, versions: before.versions })
      if (registry.entries === registered.entries) return 'after'
      return datasets > before.datasets ? 'with the dataset alone' : 'before'
    },
    checkRepaired: (repaired, left) => {
      expect(repaired.entries).toBe(left.entries + 1)
      expect(repaired.versions).toHaveLength(left.versions.length + 1)
    },
  })
  expect(outcomes.size).toBeGreaterThan(1)
}, 1_200_000)
