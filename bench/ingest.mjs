// Ingest: one file of events into the feature store by the real `fti feature run`, with everything that it does: digest,
// transform, contract with a range for every column, availability, Parquet, commit, profile, newest values online.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runChild } from './child.mjs'
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
      writeProject(project, format)
      note(format)
      measured.push(
        ...rowsOf(format, rows, await measure(folder, project, join(project, 'data', `events.${format}`), rows)),
      )
    }
    return measured
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** By turns, so that what else the machine does hits all alike; of each the run that took the least CPU time. */
async function measure(folder, project, file, rows) {
  const child = (script, ...args) => countingAll(rows, () => runChild(process.execPath, [join(here, script), ...args]))
  const parts = {
    read: () => child('scan.mjs', folder, file),
    copy: () => child('copy.mjs', folder, file),
    whole: () => countingAll(rows, () => featureRun(project)),
    after: () => child('after.mjs', project),
    again: () => timeProcess(process.execPath, [bin, 'feature', 'run', '--json'], { cwd: project, quiet: true }),
    commit: () => child('commit.mjs', project, file),
  }
  const least = {}
  for (let round = 0; round < 2; round++) {
    for (const [part, run] of Object.entries(parts)) {
      const measured = await run()
      if (least[part] === undefined || measured.cpuS < least[part].cpuS) least[part] = measured
    }
  }
  return least
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
  return { ...measured, rows: group.outcome?.appended }
}

function rowsOf(format, rows, { read, copy, whole, after, again, commit }) {
  const scan = `${format}: DuckDB reads it`
  const written = `${format}: DuckDB reads it and writes Parquet`
  const all = 'the whole process: digest, contract, commit, profile, newest values online'
  const of = (what, measured, more) => measures(`${format}: ${what}`, rows, measured, more)
  const keys = after.keys.toLocaleString('en-US')
  return [
    ...of('DuckDB reads it', read, { note: 'count and sums of all columns, warm' }),
    ...of('DuckDB reads it and writes Parquet', copy, { ratioTo: scan, note: 'with the settings of a table, warm' }),
    ...of('fti feature run', whole, { ratioTo: scan, atMost: 2, note: all }),
    ...of('fti feature run, beside the copy', whole, { ratioTo: written }),
    ...of('of it commitRows', commit, {
      ratioTo: written,
      note: 'from the file to the commit, no rules of the contract',
    }),
    ...of('of it the profile', after.profile, { ratioTo: scan }),
    ...of('of it the online store', after.sync, { ratioTo: scan, note: `${keys} keys into LMDB` }),
    ...of('again, nothing to do', again, { ratioTo: scan, note: 'start of the process and digest of the file' }),
  ]
}

function measures(what, rows, { wallS, cpuS }, { ratioTo, atMost, note }) {
  return [
    { what, value: (1e6 * wallS) / rows, unit: 'us/row', ...(ratioTo && { ratioTo }), ...(note && { note }) },
    {
      what: `${what}, CPU`,
      value: (1e6 * cpuS) / rows,
      unit: 'us/row',
      ...(ratioTo && { ratioTo: `${ratioTo}, CPU` }),
      ...(atMost && { atMost }),
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
