// Our embedded online store: a sync of all entities, then lookups as a scorer makes them. The floor is LMDB alone on the
// same file: keys encoded before, values not decoded.

import process from 'node:process'
import { open } from 'lmdb'
import { openOnlineReader } from '../../dist/online/index.js'
import { encodeKey } from '../../dist/online/key.js'
import { lookupMaker } from '../../dist/scoring/index.js'
import { report } from '../child.mjs'
import { fill, group, keyOf, sum } from './entities.mjs'
import { latencies } from './latencies.mjs'

const [folder, entities, times] = [process.argv[2], ...process.argv.slice(3).map(Number)]
const online = { kind: 'lmdb', path: `${folder}/online` }
const filled = await fill(online, folder, entities)

const reader = await openOnlineReader(online)
const lookupIn = lookupMaker()
const look = (users) => {
  const lookup = lookupIn(reader.fetch())
  return users.map((user) => lookup(group, user))
}
const check = sum(look(Array.from({ length: 100 }, (_, i) => keyOf(i))))
const fti = await latencies({ entities, times, key: keyOf, look })
await reader.close()

const path = `${online.path}/profile/v1/1`
const bare = open({ path, readOnly: true, keyEncoding: 'binary', encoding: 'binary', cache: false })
const floor = await latencies({
  entities,
  times,
  key: (i) => encodeKey(keyOf(i)),
  look: (users) => {
    for (const user of users) bare.getBinaryFast(user)
  },
})
await bare.close()
report({ fill: filled, check, fti, floor })
