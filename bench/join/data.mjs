// Writes spine.parquet and features.parquet: entities over one year, values at random moments, 2 % of them late (half
// arrive up to three days after they happened, half restate the value before); or all of them, by a day, as with a
// publication lag. Features as they come in practice:
// four amounts in cents, three means, three counts. But for restated values no two of an entity share a moment, for
// there Feast may take either.
import { openEngine } from '../../dist/engine/index.js'

const [folder, spineRows, featureRows, entities, late = 'few'] = process.argv.slice(2)
const engine = await openEngine({ tempDirectory: `${folder}/tmp`, allowedDirectories: [folder], preserveOrder: false })

const year = 31_536_000
const start = `TIMESTAMPTZ '2025-01-01 00:00:00Z'`
const amounts = [0, 1, 2, 3].map((n) => `round(hash(i * 31 + ${n}) % 1000000 / 100 * random(), 2) AS f${n}`)
const means = [4, 5, 6].map((n) => `random() * ${n} AS f${n}`)
const counts = [7, 8, 9].map((n) => `(hash(i * 37 + ${n}) % 500)::BIGINT AS f${n}`)
// Row i with i % 100 = 99 restates row i - 1 a day after it was known: same entity, same event time.
await engine.writeParquet(
  `SELECT (hash(j * 7 + 1) % ${entities})::BIGINT AS entity, event_time,
      CASE WHEN i % 100 = 99 THEN event_time + INTERVAL ${late === 'all' ? 2 : 1} DAY
           WHEN i % 100 = 50 THEN event_time + to_seconds((hash(i * 17) % 259200)::INT)
           ELSE event_time ${late === 'all' ? '+ INTERVAL 1 DAY' : ''} END AS _available_at,
      event_time AS _committed_at, i AS _sequence, ${[...amounts, ...means, ...counts].join(', ')}
    FROM (SELECT i, j, ${start} + to_seconds((hash(j * 3) % ${year})::INT) + to_microseconds(j % 1000000) AS event_time
      FROM (SELECT i, CASE WHEN i % 100 = 99 THEN i - 1 ELSE i END AS j FROM range(${featureRows}) r(i)))`,
  `${folder}/features.parquet`,
)
await engine.writeParquet(
  `SELECT i AS id, (hash(i * 19 + 5) % ${entities})::BIGINT AS entity,
      ${start} + INTERVAL 20 DAY + to_seconds((hash(i * 5 + 3) % ${year})::INT) AS t
    FROM range(${spineRows}) r(i)`,
  `${folder}/spine.parquet`,
)
await engine.close()
process.stdout.write('{}\n')
