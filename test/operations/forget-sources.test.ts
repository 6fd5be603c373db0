import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { forget } from '../../src/operations/index.ts'
import { type ProjectChanges, TemporaryProject } from '../feature/temporary-project.ts'

const now = new Date('2013-01-07T00:00:00Z')
const call = { group: 'delays', key: { origin: 'JFK' }, now, command: 'fti feature forget delays', lockWaitMs: 0 }

async function ran(changes: ProjectChanges = {}): Promise<TemporaryProject> {
  const project = new TemporaryProject(changes)
  await project.run({ now })
  return project
}

const staying = async (project: TemporaryProject, apply = false) => {
  const { plan, left } = await forget(await project.load(), { ...call, apply })
  return (left ?? plan).stays
}

test('a file that still has the key is named with its rows, before and after, until they are taken out', async () => {
  const project = await ran()
  const named = {
    place: 'source flights, data/flights.csv',
    because: 'it has 2 rows with the key, which a run that reads it again (--full) brings back: take it out there',
  }
  expect(await staying(project)).toEqual([named])
  expect(await staying(project, true)).toEqual([named])
  project.write('data/flights.csv', 'origin,at,delay\nEWR,2013-01-01T05:00:00Z,-4\n')
  expect(await staying(project)).toEqual([])
})

test('a source of a group that the group is made from is looked into too', async () => {
  const late = { entity: 'airport', transform: 'features/late.sql', eventTime: 'at', availableAt: 'at' }
  const project = await ran({
    groups: { late: { ...late, features: { delay: 'float64' } } },
    files: { 'features/late.sql': 'SELECT origin, "at", delay FROM delays' },
  })
  const { plan } = await forget(await project.load(), { ...call, group: 'late', apply: false })
  expect(plan.stays).toMatchObject([{ place: 'source flights, data/flights.csv' }])
})

test('of a source that nobody can find the key in, and of one that is gone, it says so', async () => {
  const project = await ran({
    sources: { others: { type: 'csv', path: 'data/others.csv' }, gone: { type: 'csv', path: 'data/gone.csv' } },
    files: {
      'data/others.csv': 'airport,at,delay\nJFK,2013-01-02T05:00:00Z,1\n',
      'data/gone.csv': 'origin,at,delay\nLGA,2013-01-03T05:00:00Z,1\n',
      'features/delays.sql': `SELECT airport AS origin, "at", delay::DOUBLE AS delay FROM others
        UNION ALL SELECT origin, "at", delay::DOUBLE FROM gone`,
    },
  })
  rmSync(join(project.folder, 'data/gone.csv'))
  const because = 'a run that reads it again brings back what it still has'
  expect(await staying(project)).toEqual([
    {
      place: 'source others, data/others.csv',
      because: `it has no column origin, so look there yourself: ${because}`,
    },
    {
      place: 'source gone, data/gone.csv',
      because: `it cannot be looked into (FTI_SOURCE_MISSING), and ${because}`,
    },
  ])
})

test('a source that is no file is named and not asked', async () => {
  const command = ['sh', '-c', `echo '{"origin":"JFK","at":"2013-01-01T05:00:00Z","delay":2}'`]
  const types = { origin: 'string', at: 'timestamp', delay: 'float64' }
  const project = await ran({ flights: { type: 'exec', command, types, path: undefined } })
  expect(await staying(project)).toEqual([
    {
      place: 'source flights, sh',
      because: 'it is not looked into, and a run that reads it again brings back what it still has',
    },
  ])
})
