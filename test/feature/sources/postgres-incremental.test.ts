import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import type { Reporter } from '../../../src/base/index.ts'
import { parseExtent } from '../../../src/feature/index.ts'
import { type PostgresServer, startPostgres, testWithPostgres as test } from '../../servers/postgres.ts'
import { type ProjectChanges, TemporaryProject } from '../temporary-project.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
}, 60_000)
afterAll(() => server.remove())

/** A row an hour for 100 hours, from the midnight that begins 2013. */
beforeEach(() =>
  server.execute(`
    DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO public;
    CREATE TABLE flights (origin text, at timestamptz, delay double precision);
    INSERT INTO flights SELECT 'JFK', TIMESTAMPTZ '2013-01-01T00:00Z' + n * INTERVAL '1 hour', n FROM generate_series(0, 99) AS n`),
)

function projectOf(source: object = {}, changes: ProjectChanges = {}): TemporaryProject {
  return new TemporaryProject(changesOf(source, changes))
}

function changesOf(source: object, changes: ProjectChanges): ProjectChanges {
  const url = `postgres://${server.user}@${server.host}:${server.port}/${server.database}`
  const incremental = { column: 'at' }
  return {
    env: { SECRET: server.password },
    ...changes,
    delays: { incremental: { column: 'at', lookback: '2h' }, ...changes.delays },
    flights: {
      type: 'postgres',
      path: undefined,
      url,
      password: `\${env:SECRET}`,
      table: 'flights',
      incremental,
      ...source,
    },
  }
}

/** Runs, and tells how many rows came from the server. */
async function runFetching(project: TemporaryProject, options: Parameters<TemporaryProject['run']>[0] = {}) {
  const said: string[] = []
  const reporter: Reporter = {
    task: (_title, work) => work({ update: (text) => said.push(text) }),
    info: () => {},
    warn: () => {},
  }
  const reports = await project.run({ reporter, ...options })
  const fetched = said.flatMap((text) => /^read ([\d,]+) rows? of flights/.exec(text)?.[1] ?? [])
  return { reports, fetched: fetched.map((count) => Number(count.replaceAll(',', ''))) }
}

test('the first run fetches everything, later ones only what is new and as far back as rows come late', async () => {
  const project = projectOf()
  expect(await runFetching(project)).toMatchObject({
    fetched: [100],
    reports: { delays: { outcome: { appended: 100 } } },
  })
  await server.execute(`INSERT INTO flights VALUES ('JFK', '2013-01-05T04:00:00Z', 100), ('EWR', '2013-01-05T02:30:00Z', 1),
    ('EWR', '2013-01-02T00:00:00Z', 2)`)
  // Of 01:00 to 04:00 and of 02:30; what came two days late is not seen.
  const second = await runFetching(project)
  expect(second).toMatchObject({
    fetched: [5],
    reports: { delays: { outcome: { appended: 2, late: 1, unchanged: 3 } } },
  })
  expect(await runFetching(project, { extent: { kind: 'full' } })).toMatchObject({
    fetched: [103],
    reports: { delays: { outcome: { appended: 1 } } },
  })
})

test('no new row is nothing to do, and no error of an empty source', async () => {
  const project = projectOf()
  await runFetching(project)
  expect(await runFetching(project)).toMatchObject({ fetched: [3], reports: { delays: { status: 'nothing to do' } } })
  await server.execute('DELETE FROM flights')
  const { reports } = await runFetching(project)
  expect(reports['delays']).toMatchObject({ status: 'nothing to do' })
  expect(await project.stored()).toHaveLength(100)
})

test('a range fetches its rows alone, and is not computed again because others came meanwhile', async () => {
  const project = projectOf()
  const extent = parseExtent({ from: '2013-01-02', to: '2013-01-04' }, new Date())
  expect(await runFetching(project, { extent })).toMatchObject({
    fetched: [48],
    reports: { delays: { outcome: { appended: 48 } } },
  })
  await server.execute(`INSERT INTO flights VALUES ('JFK', '2013-01-05T04:00:00Z', 100)`)
  expect(await runFetching(project, { extent })).toMatchObject({
    reports: { delays: { status: 'nothing to do', outcome: { rows: 0 } } },
  })
  await server.execute(`INSERT INTO flights VALUES ('EWR', '2013-01-02T04:00:00Z', 100)`)
  expect(await runFetching(project, { extent })).toMatchObject({ reports: { delays: { outcome: { appended: 1 } } } })
})

test('of groups with several lookbacks and windows the longest counts, and history is fetched that transforms need', async () => {
  const sums = {
    entity: 'airport',
    transform: 'features/sums.sql',
    eventTime: 'at',
    availableAt: 'at',
    features: { sum_6h: { type: 'float64', aggregate: { sum: 'delay', over: '6h' } } },
    incremental: { column: 'at', lookback: '4h' },
  }
  const files = { 'features/sums.sql': 'SELECT origin, "at", delay FROM flights' }
  const project = projectOf({ incremental: { column: 'at', history: '10h' } }, { groups: { sums }, files })
  await runFetching(project)
  await server.execute(`INSERT INTO flights VALUES ('JFK', '2013-01-05T04:00:00Z', 100)`)
  const { fetched, reports } = await runFetching(project)
  // The newest row of before, 4 + 6 + 10 hours before it, and the new one.
  expect(fetched).toEqual([22])
  expect(reports).toMatchObject({
    delays: { outcome: { appended: 1 } },
    sums: { outcome: { appended: 1, restated: 0 } },
  })
  expect((await project.stored<{ sum_6h: number }>('sums')).at(-1)?.sum_6h).toBe(94 + 95 + 96 + 97 + 98 + 99 + 100)
})

test('local times and dates bound what is fetched too', async () => {
  await server.execute(`ALTER TABLE flights ALTER at TYPE timestamp USING at AT TIME ZONE 'America/New_York'`)
  const project = projectOf({ timeZone: 'America/New_York' })
  await runFetching(project)
  await server.execute(`INSERT INTO flights VALUES ('JFK', '2013-01-04T23:00:00', 100)`)
  // An hour more, for a local time can be met twice.
  expect(await runFetching(project)).toMatchObject({ fetched: [5], reports: { delays: { outcome: { appended: 1 } } } })
})

test('local times whose zone only the SQL knows are fetched for every zone', async () => {
  await server.execute(`ALTER TABLE flights ALTER at TYPE timestamp USING at AT TIME ZONE 'America/New_York'`)
  const sql = `SELECT origin, timezone('America/New_York', "at") AS "at", delay FROM flights`
  const project = projectOf({}, { files: { 'features/delays.sql': sql } })
  await runFetching(project)
  await server.execute(`INSERT INTO flights VALUES ('JFK', '2013-01-04T23:00:00', 100)`)
  expect(await runFetching(project)).toMatchObject({ reports: { delays: { outcome: { appended: 1 } } } })
  const extent = parseExtent({ from: '2013-01-02', to: '2013-01-04' }, new Date())
  expect(await runFetching(project, { extent })).toMatchObject({ reports: { delays: { outcome: { rows: 48 } } } })
})

test('an edited query of a source covers nothing, as an edited transform does', async () => {
  const query = (delay: string) => ({ table: undefined, query: `SELECT origin, at, ${delay} AS delay FROM flights` })
  const project = projectOf(query('delay'))
  await runFetching(project)
  project.configure(changesOf(query('delay + 1'), {}))
  expect(await runFetching(project)).toMatchObject({
    fetched: [100],
    reports: { delays: { outcome: { restated: 100 } } },
  })
})

test('a group that goes over all rows does not read a source of which only new ones are fetched', async () => {
  const project = projectOf({}, { delays: { incremental: undefined } })
  expect((await project.runDelays()).error).toMatchObject({
    code: 'FTI_GROUP_PARTIAL',
    place: 'sources.flights.incremental',
  })
})

test.each([
  ['att', "did you mean 'at'?"],
  ['delay', 'columns with times: at'],
])('a source fetched by %s is told what would do', async (column, remedy) => {
  const project = projectOf({ incremental: { column } })
  const { error } = await project.runDelays()
  expect(error).toMatchObject({ code: 'FTI_INCREMENTAL_COLUMN', remedy: expect.stringContaining(remedy) })
})
