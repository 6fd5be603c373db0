// The online store: 1 and 100 keys of 1M entities with ten features, through the lookup that every scorer uses.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runChild } from './child.mjs'

export const name = 'online lookup'

const here = join(import.meta.dirname, 'lookup')
const node = (file, ...args) => runChild(process.execPath, [join(here, file), ...args.map(String)])

export async function run({ peers, small, python, note }) {
  const folder = mkdtempSync(join(tmpdir(), 'fti-bench-lookup-'))
  const [entities, times] = small ? [20_000, 10_000] : [1_000_000, 100_000]
  try {
    note(`${entities} entities, 10 features; ${times} lookups of 1 key, ${times / 20} of 100`)
    await node('data.mjs', folder, entities)
    const { fti, floor, fill, check } = await node('fti.mjs', folder, entities, times)
    const rows = [
      ...latencyRows('LMDB alone, bytes', floor),
      ...latencyRows('fti', fti, 'LMDB alone, bytes'),
      ...fillRows('fti', fill, entities),
    ]
    if (!peers) return rows
    note('Feast, SQLite online store')
    // Lookups of Feast take a hundred times as long.
    const asked = [folder, entities, times / 50].map(String)
    const theirs = await runChild(python, [join(here, 'feast_lookup.py'), ...asked])
    if (Math.abs(theirs.check - check) > 1e-6 * check) throw new Error(`Feast finds ${theirs.check}, fti ${check}`)
    return [
      ...rows,
      ...latencyRows('Feast, SQLite', theirs, 'fti'),
      ...fillRows('Feast, SQLite', theirs.fill, entities, 'fti'),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function latencyRows(who, { one, hundred }, than) {
  const row = (keys, share, value) => ({
    what: `${who}: ${keys}, ${share}`,
    value,
    unit: 'us',
    ...(than && { ratioTo: `${than}: ${keys}, ${share}` }),
  })
  return [
    row('1 key', 'p50', one.p50),
    row('1 key', 'p99', one.p99),
    row('100 keys', 'p50', hundred.p50),
    row('100 keys', 'p99', hundred.p99),
  ]
}

function fillRows(who, { wallS, cpuS }, entities, than) {
  const row = (what, value) => ({
    what: `${who}: ${what}`,
    value,
    unit: 's',
    ...(than ? { ratioTo: `${than}: ${what}` } : { note: `${entities.toLocaleString('en-US')} entities from Parquet` }),
  })
  return [row('fill', wallS), row('fill, CPU', cpuS)]
}
