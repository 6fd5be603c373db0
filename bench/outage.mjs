// The online store of a server breaks under load and comes back: how long requests wait, what they get, how soon all is well.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startServer } from './lookup/start-server.mjs'
import { load } from './serving/load.mjs'
import { makeSite } from './serving/site.mjs'

export const name = 'an online store that breaks'

const path = '/v1/services/bench/predict'
const budgetMs = 50
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

export async function run({ small, note }) {
  const folder = mkdtempSync(join(tmpdir(), 'fti-bench-outage-'))
  const redis = await startServer('redis', [])
  try {
    const site = await makeSite(folder, { kind: 'redis', url: redis.url, prefix: 'bench', budgetMs })
    const server = await serve(site)
    const loaded = (seconds) =>
      load({ port: server.port, path, body: site.body, connections: 8, seconds, pid: server.pid })
    const seconds = small ? 2 : 6
    note('Redis, well')
    const rows = latencyRows('well', await loaded(seconds))
    const faults = [
      ['killed, restarted', () => redis.kill(), () => redis.restart()],
      ['stopped, woken', () => redis.signal('SIGSTOP'), () => redis.signal('SIGCONT')],
    ]
    for (const [what, breakIt, mend] of faults) {
      note(`Redis, ${what}`)
      rows.push(...(await outage({ what, breakIt, mend, server, loaded, seconds })))
    }
    server.stop()
    return rows
  } finally {
    await redis.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Breaks the store a second into the measured time, so that requests are in flight; mends it when the load is over. */
async function outage({ what, breakIt, mend, server, loaded, seconds }) {
  const before = await imputed(server)
  const running = loaded(seconds)
  await sleep(2000)
  await breakIt()
  const measured = await running
  const share = ((await imputed(server)) - before) / (measured.perSecond * seconds)
  await mend()
  const began = performance.now()
  while ((await (await fetch(`${server.url}/health/ready`)).json()).degraded) await sleep(5)
  const recovered = performance.now() - began
  if (measured.failures > 0) throw new Error(`${measured.failures} requests were not answered with 200`)
  return [
    ...latencyRows(what, measured, `${Math.round(share * 100)} % imputed, the others whole; none failed`),
    { what: `${what}: recovered after`, value: recovered, unit: 'ms' },
  ]
}

function latencyRows(what, { p50, p99, longest }, note = '') {
  const row = (share, value, more) => ({ what: `${what}: ${share}`, value, unit: 'ms', note: more })
  return [row('p50', p50, note), row('p99', p99), row('longest', longest, `the budget is ${budgetMs} ms`)]
}

async function imputed({ url }) {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^fti_prediction_warnings_total\{.*FTI_FEATURES_UNAVAILABLE.*\} (\d+)/m.exec(text)?.[1] ?? 0)
}

/** In a process of its own. */
async function serve({ registry, online }) {
  const program = join(import.meta.dirname, 'serving', 'server.mjs')
  const args = [program, 'ours', JSON.stringify({ registry, online, mode: 'off' })]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const port = Number(String(await new Promise((resolve) => child.stdout.once('data', resolve))))
  return { port, pid: child.pid, url: `http://127.0.0.1:${port}`, stop: () => child.stdin.end() }
}
