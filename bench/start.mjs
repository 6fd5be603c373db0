// Start-up of the command line: whole processes that do next to nothing, beside a bare Node that does nothing.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { median, timeProcess } from './process-time.mjs'

export const name = 'start-up'

const bin = join(import.meta.dirname, '..', 'bin', 'run.js')
const floor = 'node -e 0'
/** CPU of `--help` beside that of a bare Node. */
const mostForHelp = 5.5

export async function run({ peers, small, python, note }) {
  const programs = [
    { what: floor, command: process.execPath, args: ['-e', '0'] },
    { what: 'fti --version', command: process.execPath, args: [bin, '--version'], ratioTo: floor },
    { what: 'fti --help', command: process.execPath, args: [bin, '--help'], ratioTo: floor, atMost: mostForHelp },
  ]
  const times = small ? 5 : 15
  note(`${times} runs of each in turn; the middle one counts`)
  const rows = rowsOf(programs, await inTurn(programs, times))
  if (!peers) return rows
  const feast = join(dirname(python), 'feast')
  if (!existsSync(feast)) {
    note(`Feast is left out: there is no ${feast}`)
    return rows
  }
  note('feast version')
  const theirs = [{ what: 'feast version', command: feast, args: ['version'], ratioTo: 'fti --help' }]
  return [...rows, ...rowsOf(theirs, await inTurn(theirs, small ? 1 : 3))]
}

/** One after the other in each round, so that a busy minute of the machine meets all of them. The first round fills caches. */
async function inTurn(programs, times) {
  const runs = programs.map(() => [])
  for (let round = 0; round <= times; round++) {
    for (const [index, { command, args }] of programs.entries()) {
      const measured = await timeProcess(command, args, { quiet: true })
      if (round > 0) runs[index].push(measured)
    }
  }
  return runs
}

function rowsOf(programs, runs) {
  return programs.flatMap(({ what, ratioTo, atMost }, index) => [
    {
      what: `${what}, CPU`,
      value: 1000 * median(runs[index], 'cpuS'),
      unit: 'ms',
      ...(ratioTo && { ratioTo: `${ratioTo}, CPU` }),
      ...(atMost && { atMost }),
    },
    { what, value: 1000 * median(runs[index], 'wallS'), unit: 'ms', ...(ratioTo && { ratioTo }) },
  ])
}
