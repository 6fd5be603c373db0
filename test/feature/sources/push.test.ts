import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { silentReporter } from '../../../src/base/index.ts'
import { pushRows } from '../../../src/feature/index.ts'
import { flightsCsv, TemporaryProject } from '../temporary-project.ts'

const types = { origin: 'string', at: 'timestamp', delay: 'float64' }

function pushProject(flights: object = {}): TemporaryProject {
  const source = { type: 'push', path: undefined, types, ...flights }
  return new TemporaryProject({ flights: source, files: { 'data/flights.csv': undefined } })
}

async function push(project: TemporaryProject, text: string, format: 'ndjson' | 'csv' = 'ndjson') {
  const [report] = await pushRows({
    project: await project.load(),
    group: 'delays',
    format,
    rows: Readable.from([text]),
    by: 'test',
    command: 'fti feature push delays',
    lockWaitMs: 0,
    reporter: silentReporter,
  })
  return report
}

const line = (origin: string, delay: number | null) =>
  `${JSON.stringify({ origin, at: '2013-01-01T05:00:00Z', ...(delay === null ? {} : { delay }) })}\n`

test('pushed rows go through transform and contract, and add to those of before', async () => {
  const project = pushProject()
  expect((await push(project, line('JFK', 1)))?.status).toBe('committed')
  expect((await push(project, line('EWR', 2)))?.status).toBe('committed')
  expect(await project.stored()).toMatchObject([
    { origin: 'JFK', delay: 1 },
    { origin: 'EWR', delay: 2 },
  ])
})

test('the same rows again are nothing to do; CSV with a header is read too', async () => {
  const project = pushProject()
  expect((await push(project, flightsCsv, 'csv'))?.outcome).toMatchObject({ appended: 3 })
  expect((await push(project, flightsCsv, 'csv'))?.status).toBe('nothing to do')
})

test('a value that no row has is null; a column that is not declared is refused', async () => {
  const project = pushProject()
  expect((await push(project, line('JFK', null)))?.error).toBeUndefined()
  expect(await project.stored()).toMatchObject([{ origin: 'JFK', delay: null }])
  const typo = await push(project, '{"origin":"JFK","at":"2013-01-01T05:00:00Z","dealy":1}\n')
  expect(typo?.error).toMatchObject({ code: 'FTI_SOURCE_UNREADABLE', remedy: expect.stringContaining("'delay'") })
})

test('a time without a zone, a value of another type, half a line and no rows commit nothing', async () => {
  const project = pushProject()
  await push(project, line('JFK', 1))
  const codes: unknown[] = []
  for (const text of [
    '{"origin":"JFK","at":"2013-01-01 05:00:00","delay":1}\n',
    '{"origin":"JFK","at":"2013-01-01T05:00:00Z","delay":"late"}\n',
    '{"origin":"JFK","at":"2013-01-0',
    '',
  ])
    codes.push((await push(project, text))?.error?.code)
  expect(codes).toEqual(['FTI_TIME_ZONE_MISSING', 'FTI_SOURCE_UNREADABLE', 'FTI_SOURCE_UNREADABLE', 'FTI_SOURCE_EMPTY'])
  expect(await project.stored()).toHaveLength(1)
})

test('a run without pushed rows has nothing to do, before and after the first push', async () => {
  const project = pushProject()
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do' })
  await push(project, line('JFK', 1))
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', outcome: { snapshot: 0 } })
})

test('a group that reads no push source refuses rows', async () => {
  await expect(push(new TemporaryProject(), line('JFK', 1))).rejects.toMatchObject({
    code: 'FTI_PUSH_UNEXPECTED',
    exit: 2,
  })
})

test('a group that reads one to which nothing was pushed waits with it, and runs when there are rows', async () => {
  const source = { type: 'push', path: undefined, types }
  const worst = {
    entity: 'airport',
    transform: 'features/worst.sql',
    static: true,
    features: { worst: 'float64' },
  }
  const again = { ...worst, transform: 'features/again.sql' }
  const project = new TemporaryProject({
    flights: source,
    groups: { worst, again },
    files: {
      'data/flights.csv': undefined,
      'features/worst.sql': 'SELECT origin, max(delay) AS worst FROM delays GROUP BY origin',
      'features/again.sql': 'SELECT origin, worst FROM worst',
    },
  })
  for (const groups of [[], ['worst'], ['again']])
    for (const report of Object.values(await project.run({ groups })))
      expect([report.group, report.status, report.error]).toEqual([report.group, 'nothing to do', undefined])
  await push(project, line('JFK', 7))
  expect(await project.run()).toMatchObject({ worst: { status: 'committed' }, again: { status: 'committed' } })
  expect(await project.stored('again')).toMatchObject([{ origin: 'JFK', worst: 7 }])
})
