// Runs the benchmarks, prints a table of each, and writes bench/results/<date>.json.
//   node bench/run.mjs [NAME…] [--small] [--peers] [--python PATH]
// --small: seconds instead of minutes. --peers: also the tools we compare with, in a Python environment that is made on first use.
//
// A benchmark is a file here that exports `name` and `async run({ peers, small, python, note })`, which returns rows
// `{ what, value, unit, ratioTo?, note? }`; `ratioTo` is the `what` of another of its rows. Only ratios of one run count.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const all = ['join']

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { small: { type: 'boolean' }, peers: { type: 'boolean' }, python: { type: 'string' } },
})
const unknown = positionals.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`unknown: ${unknown.join(', ')}; there are: ${all.join(', ')}\n`)
  process.exit(2)
}

const started = new Date()
const note = (text) => process.stderr.write(`  ${text}\n`)
const python = flags.peers ? (flags.python ?? pythonWithPeers()) : undefined
const results = {}
for (const file of positionals.length > 0 ? positionals : all) {
  const bench = await import(`./${file}.mjs`)
  process.stderr.write(`${bench.name}\n`)
  results[file] = await bench.run({ peers: flags.peers ?? false, small: flags.small ?? false, python, note })
  process.stdout.write(`\n${bench.name}\n${table(results[file])}\n`)
}
process.stdout.write(`\nwritten to ${save(results)}\n`)

function table(rows) {
  const value = (row) =>
    `${row.value >= 100 ? Math.round(row.value).toLocaleString('en-US') : Number(row.value.toPrecision(3))} ${row.unit}`
  const ratio = (row) => {
    const to = rows.find((other) => other.what === row.ratioTo)
    return to ? `${(row.value / to.value).toFixed(2)} x ${to.what}` : ''
  }
  const cells = rows.map((row) => [row.what, value(row), ratio(row), row.note ?? ''])
  const widths = [0, 1, 2].map((index) => Math.max(...cells.map((cell) => cell[index].length)))
  const line = ([what, number, ...rest]) =>
    [what.padEnd(widths[0]), number.padStart(widths[1]), rest[0].padEnd(widths[2]), rest[1]].join('  ').trimEnd()
  return cells.map(line).join('\n')
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
  const run = (command, args) => execFileSync(command, args, { stdio: ['ignore', process.stderr, process.stderr] })
  if (!existsSync(inside)) run('python3', ['-m', 'venv', folder])
  run(inside, ['-m', 'pip', 'install', '--quiet', '--requirement', join(import.meta.dirname, 'requirements.txt')])
  return inside
}
