// Writes the same events as csv/data/events.csv and parquet/data/events.parquet: customers over one year, no two events
// of one at the same moment, and ten features as they come: four amounts in cents, three means, three counts.
import { mkdirSync } from 'node:fs'
import { openEngine } from '../../dist/engine/index.js'

const [folder, rows, customers] = process.argv.slice(2)
const amounts = [0, 1, 2, 3].map((n) => `(hash(i * 7 + ${n}) % 1000000) / 100.0 AS f${n}`)
const means = [4, 5, 6].map((n) => `(hash(i * 11 + ${n}) % 1000000) / 7.0 AS f${n}`)
const counts = [7, 8, 9].map((n) => `(hash(i * 13 + ${n}) % 1000)::BIGINT AS f${n}`)
const events = `SELECT 'customer-' || (hash(i * 19) % ${customers}) AS customer,
    TIMESTAMPTZ '2013-01-01 00:00:00+00' + to_microseconds(i * (31536000000000 // ${rows})) AS happened_at,
    happened_at + INTERVAL 5 MINUTE AS known_at, ${[...amounts, ...means, ...counts].join(', ')}
  FROM range(${rows}) r(i)`
const engine = await openEngine({ tempDirectory: `${folder}/tmp`, allowedDirectories: [folder] })
for (const format of ['csv', 'parquet']) mkdirSync(`${folder}/${format}/data`, { recursive: true })
await engine.writeParquet(events, `${folder}/parquet/data/events.parquet`)
await engine.execute(
  `COPY (SELECT * FROM '${folder}/parquet/data/events.parquet') TO '${folder}/csv/data/events.csv' (FORMAT csv, HEADER)`,
)
await engine.close()
process.stdout.write('{}\n')
