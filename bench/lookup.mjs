// Looking features up in the online store: 10 features of one key and of 100 keys, and writing a whole sync.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChild } from './child.mjs'

export const name = 'online lookup'

const here = join(import.meta.dirname, 'lookup')

export async function run({ peers, small, python, note }) {
  const folder = mkdtempSync(join(tmpdir(), 'fti-bench-lookup-'))
  const rows = small ? 50_000 : 1_000_000
  try {
    note(`fti, ${rows} keys`)
    const ours = await runChild(process.execPath, [join(here, 'fti.mjs'), join(folder, 'fti'), String(rows)])
    const found = rowsOf('fti (LMDB)', ours)
    if (!peers) return found
    note('Feast, SQLite online store')
    const theirRows = Math.min(rows, 200_000)
    const theirs = await runChild(python, [join(here, 'feast_lookup.py'), join(folder, 'feast'), String(theirRows)])
    return [...found, ...rowsOf('Feast (SQLite)', theirs, 'fti (LMDB)')]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function rowsOf(who, { one, hundred, writePerSecond }, reference) {
  const row = (what, value, unit, note) => ({
    ...{ what: `${who}, ${what}`, value, unit },
    ...(reference ? { ratioTo: `${reference}, ${what}` } : {}),
    ...(note ? { note } : {}),
  })
  return [
    row('1 key', one.p50, 'us', `p99 ${one.p99.toFixed(1)}`),
    row('100 keys', hundred.p50, 'us', `p99 ${hundred.p99.toFixed(1)}`),
    row('sync', writePerSecond, 'rows/s'),
  ]
}
