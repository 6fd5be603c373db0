import { expect, test } from 'vitest'
import { bindTransforms, describeGroup, parseExtent, previewRun } from '../../../src/feature/index.ts'
import { readSnapshot, tablePath } from '../../../src/store/index.ts'
import { type ProjectChanges, TemporaryProject } from '../temporary-project.ts'

const header = 'origin,at,delay'
const row = (day: number, delay = day, origin = 'JFK') =>
  `${origin},2013-01-${String(day).padStart(2, '0')}T06:00:00Z,${delay}`
const csv = (...rows: readonly string[]) => `${[header, ...rows].join('\n')}\n`
const january = Array.from({ length: 10 }, (_, index) => row(index + 1))

function projectOf(rows: readonly string[], { delays, ...changes }: ProjectChanges = {}): TemporaryProject {
  return new TemporaryProject({
    delays: { incremental: { column: 'at', lookback: '2d' }, ...delays },
    ...changes,
    files: { 'data/flights.csv': csv(...rows), ...changes.files },
  })
}

const range = (from: string, to: string) => parseExtent({ from, to }, new Date())
const ledgerOf = async ({ folder }: TemporaryProject) =>
  (await readSnapshot(tablePath(`${folder}/store`, 'delays', 1)))?.mark?.ledger
const at = (day: number, hour = '06:00:00.000') => `2013-01-${String(day).padStart(2, '0')}T${hour}Z`
const delaysByDay = async (project: TemporaryProject) =>
  (await project.stored<{ at: string; delay: number }>()).map(({ at, delay }) => [Number(at.slice(8, 10)), delay])

test('the first run computes everything, and covers all time up to the newest row', async () => {
  const project = projectOf(january)
  expect((await project.runDelays()).outcome).toMatchObject({ appended: 10, intervals: [{ from: null, to: null }] })
  expect(await ledgerOf(project)).toMatchObject({
    newest: at(10),
    covered: [{ from: null, to: at(10, '06:00:00.001') }],
  })
})

test('later runs compute what is new, and so far back as rows come late: older ones are neither compared, judged nor appended', async () => {
  const project = projectOf(january, { delays: { features: { delay: { type: 'float64', range: [-100, 100] } } } })
  await project.runDelays()
  // One row too late, one changed and one that breaks the contract, all before the lookback; one late within it, one new.
  const old = [row(2, 200), row(3, 33), row(4, 44, 'EWR')]
  project.write('data/flights.csv', csv(...january, ...old, row(9, 90, 'EWR'), row(11)))
  const { outcome, error } = await project.runDelays()
  expect(error).toBeUndefined()
  expect(outcome).toMatchObject({ appended: 2, late: 1, restated: 0, rows: 5, intervals: [{ from: at(8), to: null }] })
})

test('a source that is the same is nothing to do, and one without a new row makes no commit', async () => {
  const project = projectOf(january)
  await project.runDelays()
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', outcome: { rows: 0 } })
  project.write('data/flights.csv', csv(...[...january].reverse()))
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do', outcome: { rows: 3, appended: 0 } })
  expect(await project.history()).toHaveLength(1)
})

test('--full computes everything again; --from only the range, in intervals of a commit each', async () => {
  const project = projectOf(january)
  await project.runDelays()
  const late = [row(2, 20, 'EWR'), row(3, 30, 'EWR'), row(5, 50, 'EWR')]
  project.write('data/flights.csv', csv(...january, ...late))
  expect((await project.runDelays({ extent: range('2013-01-02', '2013-01-04') })).outcome).toMatchObject({
    appended: 2,
    rows: 4,
    intervals: [
      { from: at(2, '00:00:00.000'), to: at(3, '00:00:00.000') },
      { from: at(3, '00:00:00.000'), to: at(4, '00:00:00.000') },
    ],
  })
  expect((await project.history()).map(({ rowsAdded }) => rowsAdded)).toEqual([1, 1, 10])
  expect((await project.runDelays({ extent: { kind: 'full' } })).outcome).toMatchObject({ appended: 1, rows: 13 })
})

test('--full goes over an unchanged input too, in any group', async () => {
  const project = new TemporaryProject()
  await project.runDelays()
  const { outcome } = await project.runDelays({ extent: { kind: 'full' } })
  expect(outcome).toMatchObject({ rows: 3, unchanged: 3, appended: 0 })
})

test('what was computed from the same input is not computed again, and days without rows are covered too', async () => {
  const project = projectOf([row(1), row(4)])
  const extent = range('2013-01-01', '2013-01-05')
  expect((await project.runDelays({ extent })).outcome).toMatchObject({ appended: 2, intervals: { length: 4 } })
  expect(await ledgerOf(project)).toMatchObject({
    covered: [{ from: at(1, '00:00:00.000'), to: at(5, '00:00:00.000') }],
  })
  expect(await project.runDelays({ extent })).toMatchObject({ status: 'nothing to do', outcome: { rows: 0 } })
  const { outcome } = await project.runDelays({ extent: range('2013-01-03', '2013-01-07') })
  expect(outcome).toMatchObject({ intervals: [{ from: at(5, '00:00:00.000') }, { from: at(6, '00:00:00.000') }] })
})

test('an interval that breaks the contract stops there; corrected, the same command goes on from it', async () => {
  const delays = { features: { delay: { type: 'float64', range: [0, 100] } } }
  const project = projectOf([row(1), row(2), row(3, -1), row(4)], { delays })
  const extent = range('2013-01-01', '2013-01-05')
  const { error } = await project.runDelays({ extent })
  expect(error).toMatchObject({ code: 'FTI_CONTRACT_VIOLATED', detail: expect.stringContaining('2013-01-03T00:00') })
  expect(await delaysByDay(project)).toEqual([
    [1, 1],
    [2, 2],
  ])
  project.write('data/flights.csv', csv(row(1), row(2), row(3), row(4)))
  expect((await project.runDelays({ extent })).outcome).toMatchObject({ appended: 2, rows: 4 })
})

test('a run without a range computes what no range has covered, whatever lies behind it', async () => {
  const project = projectOf(january)
  await project.runDelays({ extent: range('2013-01-03', '2013-01-05') })
  await project.runDelays({ extent: range('2013-01-07', '2013-01-08') })
  expect(await previewRun({ project: await project.load(), groups: [] })).toMatchObject([
    {
      group: 'delays',
      intervals: [
        { from: null, to: at(3, '00:00:00.000'), commit: 0 },
        { from: at(5, '00:00:00.000'), to: null, commit: 0 },
      ],
    },
  ])
  expect((await project.runDelays()).outcome).toMatchObject({ appended: 7 })
  expect(await project.stored()).toHaveLength(10)
})

test('a range beyond the newest row leaves the rows that come there on time to be seen', async () => {
  const project = projectOf(january.slice(0, 5))
  await project.runDelays({ extent: range('2013-01-01', '2013-01-20') })
  await project.runDelays()
  project.write('data/flights.csv', csv(...january))
  expect((await project.runDelays()).outcome).toMatchObject({ appended: 5 })
})

test('rows that come on time are seen, although a range far behind them was computed first', async () => {
  const project = projectOf(january.slice(0, 5))
  await project.runDelays()
  project.write('data/flights.csv', csv(...january, row(20)))
  await project.runDelays({ extent: range('2013-01-20', '2013-01-21') })
  // One a day late, one of the very moment of the newest row of before.
  project.write('data/flights.csv', csv(...january, row(20), row(4, 40, 'EWR'), row(5, 50, 'EWR')))
  const { outcome } = await project.runDelays()
  expect(outcome).toMatchObject({ appended: 7, intervals: [{ from: at(3), to: null }] })
})

test('rows that come on time into a range that ended in the future then are seen, although a later range was computed', async () => {
  const project = projectOf(january.slice(0, 5))
  await project.runDelays({ extent: range('2013-01-01', '2013-01-15') })
  project.write('data/flights.csv', csv(...january, row(20)))
  await project.runDelays({ extent: range('2013-01-20', '2013-01-21') })
  expect((await project.runDelays()).outcome).toMatchObject({
    appended: 5,
    intervals: [
      { from: null, to: at(1, '00:00:00.000') },
      { from: at(3), to: null },
    ],
  })
})

test('an edited transform covers nothing: a correction goes over everything, a change from now on goes on', async () => {
  const edited = 'SELECT origin, "at", delay::DOUBLE * 2 AS delay FROM flights'
  const corrected = projectOf(january)
  await corrected.runDelays()
  corrected.write('features/delays.sql', edited)
  expect((await corrected.runDelays()).outcome).toMatchObject({ restated: 10 })
  const forward = projectOf(january, { delays: { onTransformChange: 'forwardOnly' } })
  await forward.runDelays()
  forward.write('features/delays.sql', edited)
  forward.write('data/flights.csv', csv(...january, row(11)))
  expect((await forward.runDelays()).outcome).toMatchObject({ appended: 1, restated: 0, intervals: [{ from: at(8) }] })
})

test('a wider promise covers nothing, for rows that it refused may be good now', async () => {
  const features = (top: number) => ({ delay: { type: 'float64', range: [0, top] } })
  const project = projectOf([row(1, 150), ...january.slice(1)], {
    delays: { features: features(100), onInvalid: 'quarantine' },
  })
  expect((await project.runDelays()).outcome).toMatchObject({ appended: 9, quarantined: 1 })
  project.configure({
    delays: {
      features: features(200),
      onInvalid: 'quarantine',
      incremental: { column: 'at', lookback: '2d' },
    },
  })
  expect((await project.runDelays()).outcome).toMatchObject({ appended: 1, late: 1, intervals: [{ from: null }] })
})

test('a row without a time is not lost in silence', async () => {
  const project = projectOf(january)
  await project.runDelays()
  project.write('data/flights.csv', csv(...january, 'JFK,,5'))
  expect((await project.runDelays()).error).toMatchObject({ code: 'FTI_CONTRACT_VIOLATED' })
})

test('windows see the rows before what is computed', async () => {
  const aggregate = { sum: 'delay', over: '5d' }
  const project = projectOf(january, { delays: { features: { delay: { type: 'float64', aggregate } } } })
  await project.runDelays()
  project.write('data/flights.csv', csv(...january, row(11)))
  expect((await project.runDelays()).outcome).toMatchObject({ appended: 1, restated: 0 })
  expect((await delaysByDay(project)).at(-1)).toEqual([11, 6 + 7 + 8 + 9 + 10 + 11])
})

test('a static group is incremental by a time that is no feature', async () => {
  const project = projectOf([row(1), row(2, 2, 'EWR')], {
    delays: { static: true, eventTime: undefined, availableAt: undefined },
    files: { 'features/delays.sql': 'SELECT origin, delay::DOUBLE AS delay, "at" FROM flights' },
  })
  await project.runDelays()
  project.write('data/flights.csv', csv(row(1, 100), row(5, 5, 'EWR')))
  expect((await project.runDelays()).outcome).toMatchObject({ rows: 2, restated: 2 })
  project.write('data/flights.csv', csv(row(2, 7), row(5, 6, 'EWR')))
  expect((await project.runDelays()).outcome).toMatchObject({ rows: 1, restated: 1 })
})

test('a module makes the rows before they are chosen', async () => {
  const project = projectOf(january, {
    delays: { transform: { sql: 'features/delays.sql', module: 'features/delays.js' } },
    files: { 'features/delays.js': 'export default (rows) => rows.map((row) => ({ ...row, delay: row.delay + 1 }))' },
  })
  expect((await project.runDelays()).outcome).toMatchObject({ appended: 10 })
  project.write('data/flights.csv', csv(row(1, 100), ...january.slice(1), row(11)))
  expect((await project.runDelays()).outcome).toMatchObject({ appended: 1, rows: 4 })
})

test.each([
  ['a column that is not given', { incremental: { column: 'att', lookback: '1d' } }, "did you mean 'at'?"],
  ['a column without times', { incremental: { column: 'delay', lookback: '1d' } }, 'timestamp'],
])('%s is refused with what would do', async (_, delays, remedy) => {
  const { error } = await projectOf(january, { delays }).runDelays()
  expect(error).toMatchObject({
    code: 'FTI_INCREMENTAL_COLUMN',
    exit: 2,
    place: expect.stringContaining('fti.config.yaml:'),
    remedy: expect.stringContaining(remedy),
  })
})

test('check says it before any run does, and show tells what is covered', async () => {
  const mistyped = projectOf(january, { delays: { incremental: { column: 'att', lookback: '1d' } } })
  const [binding] = await bindTransforms(await mistyped.load())
  expect(binding?.problems).toMatchObject([{ code: 'FTI_INCREMENTAL_COLUMN' }])
  const project = projectOf(january)
  await project.runDelays({ extent: range('2013-01-02', '2013-01-04') })
  await project.runDelays({ extent: range('2013-01-04', '2013-01-05') })
  expect(await describeGroup(await project.load(), 'delays')).toMatchObject({
    coverage: { newest: at(4), intervals: [{ from: at(2, '00:00:00.000'), to: at(5, '00:00:00.000') }] },
  })
})

test('pushed rows would be left out where they are old, so a group that takes them is not incremental', async () => {
  const types = { origin: 'string', at: 'timestamp', delay: 'float64' }
  const project = projectOf([], { flights: { type: 'push', path: undefined, types } })
  expect((await project.runDelays()).error).toMatchObject({ code: 'FTI_GROUP_PARTIAL', exit: 2 })
})

test('a range of a group that is computed as a whole is refused before anything runs', async () => {
  const project = new TemporaryProject()
  const run = project.run({ extent: range('2013-01-01', '2013-01-02') })
  await expect(run).rejects.toMatchObject({
    code: 'FTI_NOT_INCREMENTAL',
    exit: 2,
    remedy: expect.stringContaining('incremental: { column: at'),
  })
})

test.each([
  ['2013-01-02', '2013-01-02', 'FTI_INTERVAL_INVALID', '--from'],
  ['2013-01-02', '2999-01-02', 'FTI_INTERVAL_INVALID', '--to'],
  ['2999-01-02', undefined, 'FTI_INTERVAL_INVALID', '--from'],
  ['2013-01-02T05:00', undefined, 'FTI_TIME_INVALID', '--from'],
  ['2013-01-02', 'tomorrow', 'FTI_TIME_INVALID', '--to'],
])('--from %s --to %s is refused: %s', (from, to, code, place) => {
  expect(() => parseExtent({ from, to }, new Date())).toThrow(expect.objectContaining({ code, place, exit: 2 }))
})
