// What a whole process costs, from its start to its end: Node cannot ask the system for the CPU time of a child, bash can.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { text } from 'node:stream/consumers'

const script = (errors) => `TIMEFORMAT="%R %U %S"; { time "$@" 2>${errors}; }`

/**
 * Runs a program. Gives seconds of wall and of CPU (user and system, children that it waited for included), and its stdout.
 * Its stderr is ours unless `quiet`. An exit code that is not in `accept` is an error.
 */
export async function timeProcess(command, args, { cwd, quiet = false, accept = [0] } = {}) {
  const child = spawn('bash', ['-c', script(quiet ? '/dev/null' : '&3'), 'bash', command, ...args], {
    cwd,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe', 2],
  })
  const [stdout, times, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (!accept.includes(code)) throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${stdout.slice(-2000)}`)
  const [wallS, user, system] = times.trim().split(/\s+/).map(Number)
  return { wallS, cpuS: user + system, stdout, code }
}

/** Middle of the runs' values of `key`. */
export function median(runs, key) {
  const values = runs.map((run) => run[key]).sort((a, b) => a - b)
  const middle = values.length >> 1
  return values.length % 2 === 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
}
