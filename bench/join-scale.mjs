// The point-in-time join as the group grows and as its values come late: 1M spine rows, under a memory limit of 2 GiB.
// With --peers also Polars and Feast's DuckDB store, for which no such limit can be set. They know one time of a value only:
// they answer what our join answers with availability ignored, a value that was not known yet included, and must agree with that.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runChild } from './child.mjs'
import { mustAgree } from './join/agree.mjs'

export const name = 'point-in-time join, growth and late values'

const here = join(import.meta.dirname, 'join')
const node = (file, ...args) => runChild(process.execPath, [join(here, file), ...args.map(String)])
const millions = (rows) => `${(rows / 1e6).toLocaleString('en-US')}M`
const memoryGiB = 2
/** A peer that takes longer, or more than most of the machine's memory, is told as not finished. */
const peerLimitS = 600
const peerMemoryKiB = Math.floor((totalmem() * 0.75) / 1024)

export async function run({ peers, small, python, note }) {
  const spine = small ? 20_000 : 1_000_000
  const sizes = small ? [20_000, 200_000, 1_000_000] : [1_000_000, 10_000_000, 50_000_000]
  const rows = []
  for (const features of sizes) {
    for (const late of ['few', 'all']) {
      const folder = mkdtempSync(join(tmpdir(), 'fti-bench-join-'))
      const what = `${millions(features)} values, ${late === 'few' ? '2 %' : 'all'} late`
      try {
        note(`${what}: data`)
        await node('data.mjs', folder, spine, features, Math.max(1000, features / 100), late)
        for await (const measured of measure(folder, what, peers ? python : undefined)) {
          note(`${measured.what}: ${measured.value?.toFixed(2) ?? 'none'} s; ${measured.note ?? ''}`)
          rows.push(measured)
        }
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
  }
  return rows
}

async function* measure(folder, what, python) {
  const scan = await node('scan.mjs', folder)
  const floor = `scan of ${what}`
  const row = (name, run, answers) => ({
    what: name,
    value: run.wallS,
    unit: 's',
    ratioTo: floor,
    note: `${answers}; ${run.check.hits} found; CPU ${seconds(run.cpuS)}, ${(run.cpuS / scan.cpuS).toFixed(1)} x the scan's; ${run.rssGiB.toFixed(2)} GiB`,
    cpuS: run.cpuS,
    rssGiB: run.rssGiB,
  })
  yield { what: floor, value: scan.wallS, unit: 's', note: `CPU ${seconds(scan.cpuS)}`, cpuS: scan.cpuS }
  const exact = await node('fti.mjs', folder, 'auto', '', memoryGiB)
  yield row(what, exact, `exact, plan ${exact.plan}`)
  if (python === undefined) return
  const leaky = await node('fti.mjs', folder, 'auto', 'leaky', memoryGiB)
  yield row(`fti, availability ignored, ${what}`, leaky, `not exact, plan ${leaky.plan}`)
  for (const [peer, file] of [
    ['Polars', 'polars_join.py'],
    ['Feast DuckDB', 'feast_join.py'],
  ]) {
    const { run, failed } = await tryPeer(python, file, folder)
    if (failed) yield { what: `${peer}, ${what}`, value: null, unit: 's', ratioTo: floor, note: failed }
    if (failed) continue
    mustAgree(leaky.check, run.check, `${peer} and fti with availability ignored, ${what}`)
    const times = `${(run.wallS / exact.wallS).toFixed(2)} x fti's exact answer, CPU ${(run.cpuS / exact.cpuS).toFixed(2)} x`
    yield row(`${peer}, ${what}`, run, `not exact, equal to fti with availability ignored; ${times}`)
  }
}

async function tryPeer(python, file, folder) {
  const limited = `ulimit -v ${peerMemoryKiB}; exec "$0" "$@"`
  const began = performance.now()
  try {
    return { run: await runChild('bash', ['-c', limited, python, join(here, file), folder], { limitS: peerLimitS }) }
  } catch (error) {
    const s = (performance.now() - began) / 1000
    const why = s >= peerLimitS ? `ended after ${peerLimitS} s` : `failed after ${s.toFixed(0)} s: ${error.message}`
    return { failed: `did not finish: ${why}` }
  }
}

function seconds(value) {
  return `${value.toFixed(1)} s`
}
