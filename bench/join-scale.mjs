// The point-in-time join as the group grows and as its values come late: 1M spine rows, under a memory limit of 2 GiB.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runChild } from './child.mjs'

export const name = 'point-in-time join, growth and late values'

const here = join(import.meta.dirname, 'join')
const node = (file, ...args) => runChild(process.execPath, [join(here, file), ...args.map(String)])
const millions = (rows) => `${(rows / 1e6).toLocaleString('en-US')}M`

export async function run({ small, note }) {
  const spine = small ? 20_000 : 1_000_000
  const sizes = small ? [20_000, 200_000, 1_000_000] : [1_000_000, 10_000_000, 50_000_000]
  const rows = []
  for (const features of sizes) {
    for (const late of ['few', 'all']) {
      const folder = mkdtempSync(join(tmpdir(), 'fti-bench-join-'))
      const what = `${millions(features)} values, ${late === 'few' ? '2 %' : 'all'} late`
      try {
        note(what)
        await node('data.mjs', folder, spine, features, Math.max(1000, features / 100), late)
        const floor = await node('scan.mjs', folder)
        const ours = await node('fti.mjs', folder, 'auto', '', 2)
        const told = `plan ${ours.plan}, ${ours.matched} found; ${ours.rssGiB.toFixed(2)} GiB; CPU ${ours.cpuS.toFixed(1)} s, the scan's ${floor.cpuS.toFixed(1)} s`
        rows.push({ what: `scan of ${what}`, value: floor.wallS, unit: 's' })
        rows.push({ what, value: ours.wallS, unit: 's', ratioTo: `scan of ${what}`, note: told })
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
  }
  return rows
}
