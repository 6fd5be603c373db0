import { expect, test } from 'vitest'
import { silentReporter } from '../../../src/base/index.ts'
import { createCase, testGroups } from '../../../src/feature/index.ts'
import { TemporaryProject } from '../temporary-project.ts'

test('a case made from live data passes, also when the data are gone; it never replaces another', async () => {
  const made = new TemporaryProject({
    delays: { expect: { batch: ['count(*) > 100'] } },
    groups: {
      worst: {
        entity: 'airport',
        transform: 'features/worst.sql',
        eventTime: 'at',
        availableAfter: '1h',
        features: { worst: { type: 'float64', aggregate: { max: 'delay', over: '2h' } } },
      },
    },
    files: { 'features/worst.sql': 'SELECT origin, "at", delay FROM flights' },
  })
  const project = await made.load()
  const request = { project, group: 'delays', name: 'jfk', key: { origin: 'JFK' }, rowsMax: 5 }
  const { path, text } = await createCase(request)
  expect(path).toBe('tests/features/delays/jfk.yaml')
  expect(text).toMatch(/batch: skip/)
  expect(text).not.toMatch(/EWR/)
  await createCase({ ...request, group: 'worst', name: 'most', key: undefined, rowsMax: 2 })
  expect(made.read('tests/features/worst/most.yaml')).toMatch(/worst: 10/)
  await expect(createCase(request)).rejects.toMatchObject({ code: 'FTI_CASE_EXISTS' })
  await expect(createCase({ ...request, name: '../jfk' })).rejects.toMatchObject({ code: 'FTI_CASE_EXISTS' })
  const nobody = { ...request, name: 'nobody', key: { origin: 'XXX' } }
  await expect(createCase(nobody)).rejects.toMatchObject({ code: 'FTI_CASE_NO_ROWS' })
  made.write('data/flights.csv', '')
  const { cases } = await testGroups({ project, groups: [], reporter: silentReporter })
  expect(cases.map(({ case: name, status }) => [name, status])).toEqual([
    ['jfk', 'passed'],
    ['most', 'passed'],
  ])
  made.write('features/delays.sql', 'SELECT origin, "at", delay + 1.0 AS delay FROM flights')
  const edited = await testGroups({ project, groups: ['delays'], reporter: silentReporter })
  expect(edited.cases).toMatchObject([{ status: 'failed', rows: { different: 2 } }])
})
