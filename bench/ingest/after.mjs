// What follows the commit of a run, each part alone and over the table that the run has left: statistics of every feature, and the
// newest value of each key into an online store that has none of them.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { openEngine } from '../../dist/engine/index.js'
import { syncGroups } from '../../dist/feature/index.js'
import { loadProject } from '../../dist/project/index.js'
import { openGroup, profileRelation } from '../../dist/store/index.js'
import { report, timed } from '../child.mjs'

const [directory] = process.argv.slice(2)
const group = 'customer_events'
const project = await loadProject({ directory })
const view = await openGroup(project.store, group)
const engine = await openEngine({ tempDirectory: join(directory, '.fti', 'tmp'), allowedDirectories: [project.store] })
const profile = await timed(() => profileRelation(engine, view.raw, view.published.contract.features))
await engine.close()

rmSync(project.online.path, { recursive: true, force: true })
const quiet = { task: (_name, work) => work({ update: () => {} }), warn: () => {} }
const how = { command: 'bench', lockWaitMs: 0, reporter: quiet }
const sync = await timed(() => syncGroups({ project, groups: [group], now: new Date(), ...how }))
report({
  rows: profile.result.rows,
  keys: sync.result[0].state.rows,
  cpuS: profile.cpuS + sync.cpuS,
  profile: { wallS: profile.wallS, cpuS: profile.cpuS },
  sync: { wallS: sync.wallS, cpuS: sync.cpuS },
})
