import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/index.ts'
import { bundleScript } from '../script.ts'
import { killSweep } from './kill-sweep.ts'
import { featureOutcome, featureState } from './project-state.ts'
import { fti, SmallProject, writeRentals } from './small-project.ts'

const kills = process.env['FTI_LONG'] ? 25 : 3

let project: SmallProject
let engine: Engine
beforeAll(async () => {
  project = await SmallProject.make()
  engine = await openEngine({ tempDirectory: join(project.folder, 'spill'), allowedDirectories: [project.folder] })
  await writeRentals(project.directory, 150)
  await fti(project.directory, 'feature', 'run')
  await writeRentals(project.directory, 200)
}, 60_000)
afterAll(async () => {
  await engine.close()
  await project.remove()
})

test.each([
  ['the first feature run', true],
  ['a feature run with new rows', false],
])(
  `%s that is killed at any of ${kills} moments is before or after, and the next one repairs`,
  async (_, isFirst) => {
    const outcomes = await killSweep({
      words: ['feature', 'run'],
      kills,
      clock: await bundleScript(new URL('./tell-calls.ts', import.meta.url)),
      copy: async () => {
        const directory = await project.copy()
        for (const name of isFirst ? ['store', '.fti'] : []) await rm(join(directory, name), { recursive: true })
        return directory
      },
      stateOf: (directory) => featureState(engine, directory),
      outcomeOf: featureOutcome,
      checkRepaired: (repaired, _left, after) => expect(repaired).toEqual(after),
    })
    expect(outcomes.size).toBeGreaterThan(1)
  },
  600_000,
)
