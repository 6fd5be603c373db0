// A server as the online store: a sync of all entities, then lookups as a request makes them, one round trip each.
// The floor is the vendor's client alone: the same command with keys encoded before, answers not decoded.
import process from 'node:process'
import { openOnlineReader } from '../../dist/online/index.js'
import { keyText } from '../../dist/online/stored-text.js'
import { lookupMaker } from '../../dist/scoring/index.js'
import { report } from '../child.mjs'
import { fill, group, keyOf, sum } from './entities.mjs'
import { latencies } from './latencies.mjs'

const [folder, kind, url] = process.argv.slice(2, 5)
const [entities, times] = process.argv.slice(5).map(Number)
const online = { kind, url, prefix: 'bench', budgetMs: 50 }
const filled = await fill(online, folder, entities)

const reader = await openOnlineReader(online)
const lookupIn = lookupMaker()
const look = async (users) => {
  const lookup = lookupIn(await reader.fetch(() => [{ group: 'profile', contractVersion: 1, keys: users }]))
  return users.map((user) => lookup(group, user))
}
const check = sum(await look(Array.from({ length: 100 }, (_, i) => keyOf(i))))
const fti = await latencies({ entities, times, key: keyOf, look })
await reader.close()

const { ask, close } = await (kind === 'redis' ? bareRedis() : barePostgres())
const floor = await latencies({ entities, times, key: (i) => keyText(keyOf(i)), look: ask })
await close()
report({ fill: filled, check, fti, floor })

async function bareRedis() {
  const { createClient } = await import('redis')
  const client = createClient({ url })
  await client.connect()
  return { ask: (keys) => client.hmGet('bench:online:profile:v1', keys), close: () => client.destroy() }
}

async function barePostgres() {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('SELECT namespace FROM bench.online_syncs')
  const text = 'SELECT key, value FROM bench.online_values WHERE namespace = $1 AND key = ANY($2)'
  const ask = (keys) => client.query({ name: 'bare', text, values: [rows[0].namespace, keys], rowMode: 'array' })
  return { ask, close: () => client.end() }
}
