// Ingest: one file of events into the feature store by the real `fti feature run`, with everything that it does: digest,
// transform, contract with a range for every column, availability, Parquet, commit, profile, newest values online.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { leanest, runChild } from './child.mjs'
import { timeProcess } from './process-time.mjs'

export const name = 'ingest'

const sizes = { small: [100_000, 2000], full: [2_000_000, 50_000] }
const here = join(import.meta.dirname, 'ingest')
const bin = join(import.meta.dirname, '..', 'bin', 'run.js')

export async function run({ small, note }) {
  const folder = mkdtempSync(join(tmpdir(), 'fti-bench-ingest-'))
  const [rows, customers] = small ? sizes.small : sizes.full
  try {
    note(`${rows} rows of ${customers} customers, 10 features`)
    await runChild(process.execPath, [join(here, 'data.mjs'), folder, String(rows), String(customers)])
    const measured = []
    for (const format of ['csv', 'parquet']) {
      const project = join(folder, format)
      const file = join(project, 'data', `events.${format}`)
      writeProject(project, format)
      note(`${format}: floor`)
      const child = (script, ...args) =>
        countingAll(rows, () => runChild(process.execPath, [join(here, script), ...args]))
      note(`${format}: floor`)
      const floor = await leanest(2, () => child('scan.mjs', folder, file))
      note(`${format}: fti feature run`)
      const whole = await leanest(2, () => countingAll(rows, () => featureRun(project)))
      note(`${format}: commitRows`)
      const commit = await leanest(2, () => child('commit.mjs', project, file))
      measured.push(...rowsOf(format, rows, { floor, commit, whole }))
    }
    return measured
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function countingAll(rows, run) {
  const measured = await run()
  if (measured.rows !== rows) throw new Error(`${measured.rows} rows arrived, not ${rows}`)
  return measured
}

/** Into an empty store each time: events that are stored already would not be written again. */
async function featureRun(project) {
  for (const made of ['store', '.fti']) rmSync(join(project, made), { recursive: true, force: true })
  const measured = await timeProcess(process.execPath, [bin, 'feature', 'run', '--json'], { cwd: project, quiet: true })
  const [group] = JSON.parse(measured.stdout).data.groups
  return { ...measured, rows: group.outcome?.appended, syncedKeys: group.syncedKeys }
}

function rowsOf(format, rows, { floor, commit, whole }) {
  const scan = `${format}: DuckDB reads it`
  const online = `the whole process: digest, contract, commit, profile, ${whole.syncedKeys.toLocaleString('en-US')} keys online`
  return [
    ...measures(scan, rows, floor, { note: 'count and sums of all columns, warm' }),
    ...measures(`${format}: commitRows`, rows, commit, {
      ratioTo: scan,
      note: 'the commit alone, no rules of the contract',
    }),
    ...measures(`${format}: fti feature run`, rows, whole, { ratioTo: scan, note: online }),
  ]
}

function measures(what, rows, { wallS, cpuS }, { ratioTo, note }) {
  return [
    { what, value: rows / wallS, unit: 'rows/s', ...(ratioTo && { ratioTo }), note },
    {
      what: `${what}, CPU`,
      value: (1e6 * cpuS) / rows,
      unit: 'us/row',
      ...(ratioTo && { ratioTo: `${ratioTo}, CPU` }),
    },
  ]
}

function writeProject(project, format) {
  const feature = (n) => {
    if (n >= 7) return `f${n}: { type: int64, range: [0, 1000], nullable: false }`
    return `f${n}: { type: float64, range: [0, 1000000], nullable: false }`
  }
  const types = format === 'csv' ? ', types: { happened_at: timestamp, known_at: timestamp }' : ''
  mkdirSync(join(project, 'features'))
  writeFileSync(join(project, 'features', 'events.sql'), 'select * from events\n')
  writeFileSync(
    join(project, 'fti.config.yaml'),
    `project: ingest
sources:
  events: { type: ${format}, path: data/events.${format}${types} }
entities:
  customer: { key: { customer: string } }
featureGroups:
  customer_events:
    entity: customer
    transform: features/events.sql
    eventTime: happened_at
    availableAt: known_at
    features:
${Array.from({ length: 10 }, (_, n) => `      ${feature(n)}\n`).join('')}`,
  )
}
