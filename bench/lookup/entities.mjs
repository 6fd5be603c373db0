// The users of entities.parquet as a sync takes them, and the group that they are looked up in.
import { openEngine } from '../../dist/engine/index.js'
import { syncOnline } from '../../dist/online/index.js'
import { timed } from '../child.mjs'

const features = Array.from({ length: 10 }, (_, n) => `f${n}`)

export const keyOf = (i) => [`user-${i}`]
export const group = { group: 'profile', contractVersion: 1, pick: features, key: { user: 'string' } }

/** Syncs all entities of the file to an online store; wall and CPU seconds. */
export async function fill(online, folder, entities) {
  const engine = await openEngine({ tempDirectory: `${folder}/tmp`, allowedDirectories: [folder] })
  const rows = onlineRows(engine, `SELECT * FROM '${folder}/entities.parquet'`)
  const request = { group: 'profile', contractVersion: 1, keys: ['user'], features, snapshot: 0, asOf: null }
  const { wallS, cpuS, result } = await timed(() => syncOnline(online, { ...request, now: new Date(), rows }))
  await engine.close()
  if (result.rows !== entities) throw new Error(`${result.rows} keys went online, not ${entities}`)
  return { wallS, cpuS }
}

/** Sum of the values of the first 100 users, to compare with a peer's. */
export function sum(found) {
  return found.flatMap(({ values }) => values).reduce((total, value) => total + value, 0)
}

async function* onlineRows(engine, select) {
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
