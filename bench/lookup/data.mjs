// Writes entities.parquet: one row for each user with ten features, all known at one moment.
import { openEngine } from '../../dist/engine/index.js'

const [folder, entities] = process.argv.slice(2)
const features = Array.from({ length: 10 }, (_, n) => `(hash(i * 31 + ${n}) % 1000000) / 100.0 AS f${n}`)
const moment = `TIMESTAMPTZ '2013-06-01 00:00:00+00'`
const engine = await openEngine({ tempDirectory: `${folder}/tmp`, allowedDirectories: [folder] })
await engine.writeParquet(
  `SELECT 'user-' || i AS user, ${moment} AS event_time, ${features.join(', ')} FROM range(${entities}) r(i)`,
  `${folder}/entities.parquet`,
)
await engine.close()
process.stdout.write('{}\n')
