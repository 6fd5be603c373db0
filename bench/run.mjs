// Runs the benchmarks, prints a table of each, and writes bench/results/<date>.json.
//   npm run bench -- [NAME…] [--small] [--peers] [--python PATH]
// --small: seconds instead of minutes. --peers: also the tools we compare with, in a Python environment that is made on first use.
//
// A benchmark is a file here that exports `name` and `async run({ peers, small, python, note, flights })`, which returns rows
// `{ what, value, unit, ratioTo?, atMost?, atLeast?, note? }`, with the value null where it did not finish; `ratioTo` is the `what` of another of its rows, the bounds
// are for that ratio. Only ratios of one run count. `flights()` gives the project of make-flights.mjs, made once a run.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { didYouMean } from '../dist/base/index.js'
import { makeFlights } from './make-flights.mjs'

const all = ['start', 'ingest', 'log', 'join', 'join-scale', 'lookup', 'outage', 'serving', 'epoch']

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { small: { type: 'boolean' }, peers: { type: 'boolean' }, python: { type: 'string' } },
})
const unknown = positionals.find((name) => !all.includes(name))
if (unknown !== undefined) {
  process.stderr.write(`there is no benchmark '${unknown}': ${didYouMean(unknown, all)}\nknown: ${all.join(', ')}\n`)
  process.exit(2)
}

const started = new Date()
const note = (text) => process.stderr.write(`  ${text}\n`)
const small = flags.small ?? false
const python = flags.peers ? (flags.python ?? pythonWithPeers()) : undefined
const temporary = mkdtempSync(join(tmpdir(), 'fti-bench-'))
let madeFlights
const flights = () => {
  madeFlights ??= makeFlights(join(temporary, 'flights'), { small, note })
  return madeFlights
}
const results = {}
try {
  for (const file of positionals.length > 0 ? positionals : all) {
    try {
      const bench = await import(`./${file}.mjs`)
      process.stderr.write(`${bench.name}\n`)
      results[file] = await bench.run({ peers: flags.peers ?? false, small, python, note, flights })
      process.stdout.write(`\n${bench.name}\n${table(results[file])}\n\n`)
    } catch (error) {
      // What the others measured is worth keeping.
      process.stderr.write(`${file} failed: ${error.stack}\n`)
      results[file] = { failed: String(error) }
      process.exitCode = 1
    }
  }
} finally {
  rmSync(temporary, { recursive: true, force: true })
}
process.stdout.write(`written to ${save(results)}\n`)

function table(rows) {
  const value = (row) =>
    row.value === null
      ? 'none'
      : `${row.value >= 100 ? Math.round(row.value).toLocaleString('en-US') : Number(row.value.toPrecision(3))} ${row.unit}`
  const ratio = (row) => {
    const to = rows.find((other) => other.what === row.ratioTo)
    return to && row.value !== null
      ? `${Number((row.value / to.value).toPrecision(3))} x ${to.what}${bound(row, row.value / to.value)}`
      : ''
  }
  const cells = rows.map((row) => [row.what, value(row), ratio(row), row.note ?? ''])
  const widths = [0, 1, 2].map((index) => Math.max(...cells.map((cell) => cell[index].length)))
  const line = ([what, number, ...rest]) =>
    [what.padEnd(widths[0]), number.padStart(widths[1]), rest[0].padEnd(widths[2]), rest[1]].join('  ').trimEnd()
  return cells.map(line).join('\n')
}

function bound({ atMost, atLeast }, ratio) {
  if (atMost === undefined && atLeast === undefined) return ''
  const kept = ratio <= (atMost ?? ratio) && ratio >= (atLeast ?? ratio)
  const text = atMost === undefined ? `at least ${atLeast}` : `at most ${atMost}`
  return ` (${text}: ${kept ? 'kept' : 'MISSED'})`
}

function save(rows) {
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${started.toISOString().slice(0, 19).replaceAll(':', '')}.json`)
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  }
  writeFileSync(path, `${JSON.stringify({ started, machine, flags, results: rows }, null, 2)}\n`)
  return path
}

/** The versions are pinned in requirements.txt; a changed file is installed over the environment that is there. */
function pythonWithPeers() {
  const folder = join(import.meta.dirname, '.venv')
  const inside = join(folder, 'bin', 'python')
  const wanted = join(import.meta.dirname, 'requirements.txt')
  const installed = join(folder, 'installed')
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(wanted))) return inside
  const run = (command, args) => execFileSync(command, args, { stdio: ['ignore', process.stderr, process.stderr] })
  process.stderr.write(`installing the peers into ${folder} (once; 3 GB, minutes)\n`)
  if (!existsSync(inside)) run('python3', ['-m', 'venv', folder])
  run(inside, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', wanted])
  copyFileSync(wanted, installed)
  return inside
}
