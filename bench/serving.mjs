// One row over HTTP: 32 features, ten of them looked up, dense 32-64-32-1; validation, metrics and the durable log on.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from './serving/load.mjs'
import { makeSite } from './serving/site.mjs'

export const name = 'serving one row'

const here = join(import.meta.dirname, 'serving')

export async function run({ peers, small, python, note }) {
  const folder = mkdtempSync(join(tmpdir(), 'fti-bench-serving-'))
  try {
    const site = await makeSite(folder)
    const contestants = contestantsOf(site, folder, peers ? python : undefined)
    const connections = small ? [16] : [1, 16, 64]
    const [rounds, seconds] = small ? [1, 1] : [3, 4]
    const best = new Map()
    // In turns, so that a busy minute of the machine is everybody's.
    for (let round = 1; round <= rounds; round++) {
      for (const contestant of contestants) {
        note(`round ${round} of ${rounds}: ${contestant.what}`)
        for (const [count, result] of await measure(contestant, connections, seconds)) {
          keepBest(best, `${contestant.what}, ${count} connections`, { ...contestant, count, ...result })
        }
      }
    }
    return [...best.entries()].flatMap(([what, result]) => rowsOf(what, result, best))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const floor = 'fastify, empty handler'
const peer = 'FastAPI + onnxruntime'

function contestantsOf({ registry, online, body, weightsFile }, folder, python) {
  const path = '/v1/services/bench/predict'
  const server = (what, kind, options, beside) => ({
    ...{ what, beside, body, path, command: process.execPath },
    args: [join(here, 'server.mjs'), kind, JSON.stringify(options)],
  })
  const site = { registry, online, logs: join(folder, 'logs') }
  const contestants = [
    server(floor, 'floor', {}),
    server('fti', 'ours', { ...site, mode: 'durable' }, python === undefined ? floor : peer),
    server('fti, log not durable', 'ours', { ...site, mode: 'buffered' }, floor),
  ]
  if (python === undefined) return contestants
  const instances = [Array.from({ length: 32 }, (_, i) => i / 32)]
  const args = [join(here, 'fastapi_server.py'), weightsFile]
  const theirs = {
    what: peer,
    beside: floor,
    command: python,
    args,
    path: '/predict',
    body: JSON.stringify({ instances }),
  }
  return [...contestants, theirs]
}

async function measure({ command, args, path, body }, connections, seconds) {
  const began = performance.now()
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const port = Number(String(await new Promise((resolve) => child.stdout.once('data', resolve))))
    await untilListening(port)
    const startMs = performance.now() - began
    const results = []
    for (const count of connections) {
      const result = await load({ port, path, body, connections: count, seconds, pid: child.pid })
      if (result.failures > 0) throw new Error(`${result.failures} requests of ${command} failed`)
      results.push([count, { ...result, startMs, rssMB: rssOf(child.pid) }])
    }
    return results
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }
}

/** A peer may print its port before it answers there. */
async function untilListening(port) {
  for (let tries = 0; tries < 200; tries++) {
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    if (response) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing answers on port ${port}`)
}

function rssOf(pid) {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / 1024
}

/** The most requests a second and the least CPU of the rounds: on a shared machine the rest measures the neighbours. */
function keepBest(best, what, result) {
  const before = best.get(what)
  const better = !before || result.perSecond > before.perSecond ? result : before
  best.set(what, { ...better, cpuMicroseconds: Math.min(result.cpuMicroseconds, before?.cpuMicroseconds ?? Infinity) })
}

function rowsOf(what, result, all) {
  const { perSecond, cpuMicroseconds, p50, p99, beside, count, startMs, rssMB } = result
  // With one connection a durable log waits for the disk each time: its price, and why it can be turned off.
  const isPromised = beside === peer && count > 1
  const to = (measure, bound) =>
    beside === undefined ? {} : { ratioTo: `${beside}, ${count} connections, ${measure}`, ...(isPromised ? bound : {}) }
  const empty = all.get(`${floor}, ${count} connections`)
  const latency = `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms; start ${Math.round(startMs)} ms, ${Math.round(rssMB)} MB`
  return [
    { what: `${what}, req/s`, value: perSecond, unit: 'req/s', ...to('req/s', { atLeast: 2.5 }), note: latency },
    {
      ...{ what: `${what}, CPU`, value: cpuMicroseconds, unit: 'us', ...to('CPU', { atMost: 0.5 }) },
      note: `${(cpuMicroseconds / empty.cpuMicroseconds).toFixed(2)} x the empty handler`,
    },
  ]
}
