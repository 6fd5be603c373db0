// Our online store: a sync of all entities, then lookups as a scorer makes them. The floor is LMDB alone on the same file:
// keys encoded before, values not decoded.

import process from 'node:process'
import { open } from 'lmdb'
import { openEngine } from '../../dist/engine/index.js'
import { openOnlineReader, syncOnline } from '../../dist/online/index.js'
import { encodeKey } from '../../dist/online/key.js'
import { lookupMaker } from '../../dist/scoring/index.js'
import { report, timed } from '../child.mjs'
import { latencies } from './latencies.mjs'

const [folder, entities, times] = [process.argv[2], ...process.argv.slice(3).map(Number)]
const features = Array.from({ length: 10 }, (_, n) => `f${n}`)
const online = { kind: 'lmdb', path: `${folder}/online` }
const keyOf = (i) => [`user-${i}`]

const engine = await openEngine({ tempDirectory: `${folder}/tmp`, allowedDirectories: [folder] })
const filled = await timed(() => fill())
await engine.close()
if (filled.result.rows !== entities) throw new Error(`${filled.result.rows} keys went online, not ${entities}`)

const reader = await openOnlineReader(online)
const lookup = lookupMaker()(reader.fetch())
const group = { group: 'profile', contractVersion: 1, pick: features, key: { user: 'string' } }
const look = (users) => users.map((user) => lookup(group, user))
const first = look(Array.from({ length: 100 }, (_, i) => keyOf(i)))
const check = first.flatMap(({ values }) => values).reduce((sum, value) => sum + value, 0)
const fti = latencies({ entities, times, key: keyOf, look })
await reader.close()

const path = `${online.path}/profile/v1/1`
const bare = open({ path, readOnly: true, keyEncoding: 'binary', encoding: 'binary', cache: false })
const floor = latencies({
  entities,
  times,
  key: (i) => encodeKey(keyOf(i)),
  look: (users) => {
    for (const user of users) bare.getBinaryFast(user)
  },
})
await bare.close()
report({ fill: { wallS: filled.wallS, cpuS: filled.cpuS }, check, fti, floor })

function fill() {
  return syncOnline(online, {
    group: 'profile',
    contractVersion: 1,
    keys: ['user'],
    features,
    snapshot: 0,
    asOf: null,
    now: new Date(),
    rows: onlineRows(`SELECT * FROM '${folder}/entities.parquet'`),
  })
}

async function* onlineRows(select) {
  for await (const { rows, columns } of engine.stream(select)) {
    const { user, event_time: time } = columns
    yield Array.from({ length: rows }, (_, row) => ({
      key: [user.values[row]],
      values: features.map((name) => columns[name].values[row]),
      eventTimeMs: time.values[row],
      availableAtMs: time.values[row],
    }))
  }
}
