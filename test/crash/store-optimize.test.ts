import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/index.ts'
import { bundleScript } from '../script.ts'
import { killSweep } from './kill-sweep.ts'
import { featureState } from './project-state.ts'
import { fti, SmallProject, writeRentals } from './small-project.ts'

const kills = process.env['FTI_LONG'] ? 25 : 2

let project: SmallProject
let engine: Engine
beforeAll(async () => {
  project = await SmallProject.make()
  engine = await openEngine({ tempDirectory: join(project.folder, 'spill'), allowedDirectories: [project.folder] })
  for (const rows of [100, 150, 200]) {
    await writeRentals(project.directory, rows)
    await fti(project.directory, 'feature', 'run')
  }
}, 60_000)
afterAll(async () => {
  await engine.close()
  await project.remove()
})

test(`a compaction that is killed at any of ${kills} moments changes no row, and the next one is as if it had not been`, async () => {
  await killSweep({
    words: ['store', 'optimize'],
    kills,
    clock: await bundleScript(new URL('./tell-calls.ts', import.meta.url)),
    copy: () => project.copy(),
    stateOf: (directory) => featureState(engine, directory),
    outcomeOf: (left, before, after) => {
      // The number of commits is all that a reader can tell.
      expect({ ...left, commits: 0 }).toEqual({ ...before, commits: 0 })
      expect(left.commits).toBeOneOf([before.commits, after.commits])
      return left.commits === before.commits ? 'before' : 'after'
    },
    checkRepaired: (repaired, _left, after) => expect(repaired).toEqual(after),
  })
}, 600_000)
