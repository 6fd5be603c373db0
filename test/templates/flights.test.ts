import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine/index.ts'
import { loadProject } from '../../src/project/index.ts'
import { temporaryFolder } from '../engine/temporary-engine.ts'
import { scaffoldedFolder } from './scaffolded.ts'

const template = join(import.meta.dirname, '../../templates/flights')
const flights = join(template, 'data/flights')
const january = `SELECT * FROM read_parquet('${flights}/2013-01.parquet')`

async function openOverTemplate(): Promise<Engine> {
  const engine = await openEngine({ tempDirectory: temporaryFolder(), allowedDirectories: [template], threads: 2 })
  return engine
}

const transform = (group: string) => readFileSync(join(template, `features/${group}.sql`), 'utf8').trim()

test('the template is a project that loads where it stands', async () => {
  const project = await loadProject({ directory: template, checkFiles: true })
  expect([...project.groups.keys()]).toEqual([
    'airport_departures',
    'carrier_departures',
    'aircraft_last_flight',
    'airport_weather',
    'aircraft',
    'scheduled_flights',
    'departure_outcomes',
  ])
})

test('every flight of 2013 is there, a month a file, in less than four and a half megabytes', async () => {
  const engine = await openOverTemplate()
  const [counts] = await engine.rows<object>(
    `SELECT count(*) AS flights, count(dep_delay) AS departed, count(DISTINCT filename) AS files,
       count(*) FILTER (filename NOT LIKE '%2013-' || lpad(month::text, 2, '0') || '.parquet') AS misplaced
     FROM read_parquet('${flights}/*.parquet', filename = true)`,
  )
  await engine.close()
  expect(counts).toEqual({ flights: 336776, departed: 328521, files: 12, misplaced: 0 })
  const data = join(template, 'data')
  const sizes = readdirSync(data, { recursive: true, encoding: 'utf8' }).map((file) => statSync(join(data, file)))
  const bytes = sizes.filter((entry) => entry.isFile()).reduce((sum, { size }) => sum + size, 0)
  expect(bytes).toBeLessThan(4_500_000)
  expect(readFileSync(join(data, 'README.md'), 'utf8')).toContain('CC0')
})

test.each(['airport_departures', 'carrier_departures', 'aircraft_last_flight'])(
  '%s says of a moment only what was known at that moment',
  async (group) => {
    const engine = await openOverTemplate()
    await engine.execute(`CREATE VIEW flights AS ${january}`)
    await engine.execute(`CREATE TABLE whole AS ${transform(group)}`)
    for (const moment of ['2013-01-03 12:00:00+00', '2013-01-13 23:17:00+00', '2013-01-30 20:40:00+00']) {
      // A flight that has not left yet looks like one that never will: no delay.
      await engine.execute(
        `CREATE OR REPLACE VIEW flights AS SELECT * REPLACE (
           CASE WHEN time_hour + to_minutes(minute + dep_delay) <= TIMESTAMPTZ '${moment}' THEN dep_delay END AS dep_delay
         ) FROM (${january})`,
      )
      const [difference] = await engine.rows<{ rows: number; known: number; differing: number }>(
        `WITH known AS (${transform(group)}), expected AS (SELECT * FROM whole WHERE departed_at <= TIMESTAMPTZ '${moment}')
         SELECT (SELECT count(*) FROM expected) AS rows, (SELECT count(*) FROM known) AS known,
           (SELECT count(*) FROM (SELECT * FROM expected EXCEPT SELECT * FROM known)) AS differing`,
      )
      expect(difference?.rows).toBeGreaterThan(1000)
      expect(difference).toEqual({ rows: difference?.rows, known: difference?.rows, differing: 0 })
    }
    await engine.close()
  },
)

test('the windows of airport_departures agree with flights counted one by one', async () => {
  const engine = await openOverTemplate()
  await engine.execute(`CREATE VIEW flights AS ${january}`)
  const differing = await engine.rows<object>(
    `WITH sample AS (SELECT * FROM (${transform('airport_departures')}) WHERE hash(origin, departed_at) % 100 = 0),
     flown AS (
       SELECT origin, dep_delay, time_hour + to_minutes(minute) AS due, time_hour + to_minutes(minute + dep_delay) AS gone
       FROM flights
     ),
     counted AS (
       SELECT origin, departed_at,
         avg(dep_delay) FILTER (gone BETWEEN departed_at - INTERVAL 1 HOUR AND departed_at) AS delay_mean_1h,
         count(*) FILTER (gone BETWEEN departed_at - INTERVAL 3 HOUR AND departed_at) AS departures_3h,
         count(*) FILTER (
           due <= departed_at AND due > departed_at - INTERVAL 4 HOUR AND (gone IS NULL OR gone > departed_at)
         ) AS waiting
       FROM sample JOIN flown USING (origin)
       GROUP BY ALL
     )
     SELECT s.*, c.* FROM sample s JOIN counted c USING (origin, departed_at)
     WHERE abs(s.delay_mean_1h - c.delay_mean_1h) > 1e-9 OR s.departures_3h <> c.departures_3h OR s.waiting <> c.waiting`,
  )
  await engine.close()
  expect(differing).toEqual([])
})

test('a project made from it passes its own tests', { timeout: 120_000 }, async () => {
  const project = await scaffoldedFolder('flights')
  await project.fti('check')
  expect(await project.ownTests('tests/schedule.test.ts', 'tests/features.test.ts')).toMatch(/^# fail 0$/m)
})
