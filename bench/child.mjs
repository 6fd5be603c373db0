// A measured process of its own, so that one measurement's memory and warm-up are not another's.
import { spawn } from 'node:child_process'

/** Runs a program whose last line on stdout is JSON, and returns that. Its stderr is ours. Ended after `limitS` seconds. */
export async function runChild(command, args, { limitS } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: limitS && limitS * 1000 })
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  let text = ''
  for await (const chunk of child.stdout) text += chunk
  const { code, signal } = await ended
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}`)
  return JSON.parse(text.trim().split('\n').at(-1))
}

/** The run of several that took the least CPU time: on a shared machine the others measure the neighbours. */
export async function leanest(times, run) {
  const runs = []
  for (let n = 0; n < times; n++) runs.push(await run())
  return runs.sort((a, b) => a.cpuS - b.cpuS)[0]
}

/** Wall and CPU seconds of some work in this process. */
export async function timed(work) {
  const began = performance.now()
  const cpu = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(cpu)
  return { wallS: (performance.now() - began) / 1000, cpuS: (user + system) / 1e6, result }
}

/** Ends a child's report with the most memory it ever held. */
export function report(measures) {
  process.stdout.write(`${JSON.stringify({ ...measures, rssGiB: process.resourceUsage().maxRSS / 2 ** 20 })}\n`)
}
