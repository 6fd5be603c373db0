import { expect, test } from 'vitest'
import { describeSourceChange } from '../../../src/feature/index.ts'
import { TemporaryProject } from '../temporary-project.ts'

const hours = [1, 2, 3, 4, 5, 6]
const row = (hour: number, delay = hour) => `JFK,2013-01-01T0${hour}:00:00Z,${delay}\n`
const csv = (rows: readonly string[]) => `origin,at,delay\n${rows.join('')}`
const now = new Date('2013-01-02T00:00:00Z')

/** The sum of the delays of two hours and the row's own, over six rows an hour apart. */
async function filled(declared: object = {}): Promise<TemporaryProject> {
  const features = { delay: { type: 'float64', aggregate: { sum: 'delay', over: '2h' } } }
  const files = { 'data/flights.csv': csv(hours.map((hour) => row(hour))) }
  const project = new TemporaryProject({ delays: { features, ...declared }, files })
  await project.run({ now })
  return project
}

const valuesOf = async (project: TemporaryProject) =>
  (await project.stored<{ at: string; delay: number }>()).map(({ at, delay }) => [Number(at.slice(11, 13)), delay])
const whole = [
  [1, 1],
  [2, 3],
  [3, 6],
  [4, 9],
  [5, 12],
  [6, 15],
]

test('a source that drops its oldest rows corrects no window that reached into them, and the run says so', async () => {
  const project = await filled()
  expect(await valuesOf(project)).toEqual(whole)
  project.write('data/flights.csv', csv([...hours.slice(2).map((hour) => row(hour)), row(7)]))
  const { outcome } = await project.runDelays({ now })
  expect(outcome).toMatchObject({ appended: 1, restated: 0 })
  expect(await valuesOf(project)).toEqual([...whole, [7, 18]])
  expect(outcome?.sourceChanges.map(describeSourceChange)).toEqual([
    'flights begins at 2013-01-01T03:00:00.000Z now; 2 stored rows, whose windows begin before it, keep their values',
  ])
})

test('a refused row of an early time does not hide that the source begins later now', async () => {
  const project = await filled({ onInvalid: 'quarantine' })
  project.write('data/flights.csv', csv(['JFK,0000-01-01T00:00:00Z,1\n', ...hours.slice(2).map((hour) => row(hour))]))
  expect((await project.runDelays({ now })).outcome).toMatchObject({ appended: 0, restated: 0, quarantined: 1 })
})

test('a correction behind the first whole window is one all the same', async () => {
  const project = await filled()
  project.write('data/flights.csv', csv([row(3), row(4), row(5), row(6, 60)]))
  expect((await project.runDelays({ now })).outcome).toMatchObject({ appended: 1, restated: 1 })
  expect((await valuesOf(project)).at(-1)).toEqual([6, 69])
})

test('a correction of the first rows of a source that still has all of them reaches their windows', async () => {
  const project = await filled()
  project.write('data/flights.csv', csv([row(1, 10), ...hours.slice(1).map((hour) => row(hour))]))
  const { outcome } = await project.runDelays({ now })
  expect(outcome).toMatchObject({ restated: 3, sourceChanges: [] })
})
