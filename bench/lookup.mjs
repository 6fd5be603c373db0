// The online store: 1 and 100 keys of 1M entities with ten features, through the lookup that every scorer uses. Beside peers all
// have 100,000 entities: to write a million takes Feast a quarter of an hour.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runChild } from './child.mjs'
import { startServer } from './lookup/start-server.mjs'

export const name = 'online lookup'

const here = join(import.meta.dirname, 'lookup')
const node = (file, ...args) => runChild(process.execPath, [join(here, file), ...args.map(String)])

export async function run({ peers, small, python, note }) {
  const folder = mkdtempSync(join(tmpdir(), 'fti-bench-lookup-'))
  const [entities, times] = small ? [20_000, 10_000] : [peers ? 100_000 : 1_000_000, 100_000]
  try {
    note(`${entities} entities, 10 features; ${times} lookups of 1 key, ${times / 20} of 100`)
    await node('data.mjs', folder, entities)
    const { fti, floor, fill, check } = await node('fti.mjs', folder, entities, times)
    const rows = [
      ...latencyRows('LMDB alone, bytes', floor),
      ...latencyRows('fti', fti, 'LMDB alone, bytes'),
      ...fillRows('fti', fill, entities),
    ]
    const feast = async (who, than, ...store) => {
      note(who)
      // Lookups of Feast take a hundred times as long.
      const asked = [folder, entities, times / 50, ...store].map(String)
      const theirs = await runChild(python, [join(here, 'feast_lookup.py'), ...asked])
      agree(who, theirs.check, check)
      return [...latencyRows(who, theirs, than), ...fillRows(who, theirs.fill, entities, than)]
    }
    if (peers) rows.push(...(await feast('Feast, SQLite', 'fti')))
    for (const [kind, product] of servers) {
      note(`fti, ${product}`)
      const server = await startServer(kind)
      try {
        const ours = await node('server.mjs', folder, kind, server.url, entities, times / 10)
        agree(product, ours.check, check)
        rows.push(...latencyRows(`${product}, client alone`, ours.floor))
        rows.push(...latencyRows(`fti, ${product}`, ours.fti, `${product}, client alone`))
        rows.push(...fillRows(`fti, ${product}`, ours.fill, entities))
        const store = `127.0.0.1:${server.port}`
        if (peers && kind === 'redis') rows.push(...(await feast('Feast, Redis', `fti, ${product}`, store)))
      } finally {
        await server.stop()
      }
    }
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const servers = [
  ['redis', 'Redis'],
  ['postgres', 'PostgreSQL'],
]

function agree(who, theirs, ours) {
  if (Math.abs(theirs - ours) > 1e-6 * ours) throw new Error(`${who} finds ${theirs}, LMDB ${ours}`)
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
