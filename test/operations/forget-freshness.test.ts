import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEngine } from '../../src/engine/index.ts'
import { listFreshness } from '../../src/feature/index.ts'
import { forget } from '../../src/operations/index.ts'
import { writeCheckpoint } from '../../src/store/delta/write-checkpoint.ts'
import { readSnapshot, tablePath } from '../../src/store/index.ts'
import { TemporaryProject } from '../feature/temporary-project.ts'

const monday = new Date('2013-01-07T00:00:00Z')
const tuesday = new Date('2013-01-08T00:00:00Z')
const wednesday = new Date('2013-01-09T00:00:00Z')

const forgetting = (origin: string) => ({
  ...{ group: 'delays', key: { origin }, apply: true, now: tuesday },
  ...{ command: `fti feature forget delays --key origin=${origin}`, lockWaitMs: 0 },
})

test('forgetting brings no new rows, and the newest event is that of a row that is left', async () => {
  const project = new TemporaryProject()
  await project.run({ now: monday })
  await forget(await project.load(), forgetting('JFK'))
  const expected = { newRowsAt: monday.toISOString(), newestEvent: '2013-01-01T05:00:00.000Z', ageMs: 2 * 86_400_000 }
  expect(await listFreshness(await project.load(), wednesday)).toMatchObject([expected])
  const { store } = await project.load()
  const engine = await openEngine({ allowedDirectories: [store], tempDirectory: join(project.folder, 'tmp') })
  const snapshot = await readSnapshot(tablePath(store, 'delays', 1))
  if (snapshot) await writeCheckpoint(engine, snapshot)
  await engine.close()
  expect(await listFreshness(await project.load(), wednesday)).toMatchObject([expected])
})

test('where no row is left there is no newest event, and the next new row is newer than nothing', async () => {
  const project = new TemporaryProject({
    files: { 'data/flights.csv': 'origin,at,delay\nJFK,2013-01-01T05:00:00Z,2\n' },
  })
  await project.run({ now: monday })
  await forget(await project.load(), forgetting('JFK'))
  expect(await listFreshness(await project.load(), tuesday)).toMatchObject([{ newestEvent: null }])
  project.write('data/flights.csv', 'origin,at,delay\nEWR,2013-01-01T04:00:00Z,3\n')
  expect(await project.runDelays({ now: wednesday })).toMatchObject({ outcome: { appended: 1, late: 0 } })
  expect(await listFreshness(await project.load(), wednesday)).toMatchObject([
    { newRowsAt: wednesday.toISOString(), newestEvent: '2013-01-01T04:00:00.000Z' },
  ])
})
