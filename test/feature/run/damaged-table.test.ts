import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { silentReporter } from '../../../src/base/index.ts'
import { getValues, syncGroups } from '../../../src/feature/index.ts'
import { readSnapshot, tablePath } from '../../../src/store/index.ts'
import { runCommand } from '../../cli/run-command.ts'
import { flightsCsv, TemporaryProject } from '../temporary-project.ts'

/** Where in a file the bytes are that no reader can do without: the first page, and the thrift of the footer. */
const wounds: [what: string, at: (bytes: Buffer) => number][] = [
  ['a page', () => 12],
  ['the footer', (bytes) => bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8)],
  ['the magic number at the end', (bytes) => bytes.length - 2],
]

let project: TemporaryProject
let file: string
beforeEach(async () => {
  project = new TemporaryProject({
    groups: {
      worst: { entity: 'airport', static: true, transform: 'features/worst.sql', features: { delay: 'float64' } },
    },
    files: { 'features/worst.sql': 'SELECT origin, max(delay) AS delay FROM delays GROUP BY origin' },
  })
  await project.runDelays()
  const table = tablePath(join(project.folder, 'store'), 'delays', 1)
  file = join(table, (await readSnapshot(table))?.files[0]?.path ?? '')
})

/** Ten bytes, so that no luck of the draw lets them pass. */
function damage(at: (bytes: Buffer) => number): void {
  const bytes = readFileSync(file)
  const begin = at(bytes)
  for (let i = begin; i < Math.min(bytes.length, begin + 10); i++) bytes[i] = ~(bytes[i] ?? 0)
  writeFileSync(file, bytes)
}

const corruption = () => ({
  code: 'FTI_TABLE_CORRUPT',
  exit: 5,
  message: expect.stringMatching(/^a data file of delays@0 is damaged: /),
  place: file,
  remedy: 'restore that file from a backup; nothing can stand in for it',
  data: { table: 'delays', snapshot: 0 },
})

describe.each(wounds)('where %s of a data file has changed', (_what, at) => {
  beforeEach(() => damage(at))

  test('a run that compares with its rows says that they are damaged', async () => {
    project.write('data/flights.csv', `${flightsCsv}JFK,2013-01-01T05:30:00Z,77\n`)
    expect((await project.runDelays()).error).toMatchObject(corruption())
  })

  test('so does a run of a group that reads it', async () => {
    expect((await project.run({ groups: ['worst'] }))['worst']?.error).toMatchObject(corruption())
  })

  test('so do looking at a value, at a query, and a sync', async () => {
    const loaded = await project.load()
    const asked = { group: 'delays', key: { origin: 'JFK' }, at: new Date() }
    await expect(getValues(loaded, asked)).rejects.toMatchObject(corruption())
    const common = { now: new Date(), command: 'test', lockWaitMs: 0, reporter: silentReporter }
    await expect(syncGroups({ project: loaded, groups: ['delays'], ...common })).rejects.toMatchObject(corruption())
    const query = await runCommand(['sql', 'SELECT max(delay), max(origin), max("at") FROM delays'], {
      cwd: project.folder,
    })
    expect(query).toMatchObject({ exit: 5, stderr: expect.stringContaining('a data file of delays@0 is damaged') })
  })
})

test('a mistake in the SQL of a group is still that, also where it is found while rows are read', async () => {
  project.write('features/worst.sql', `SELECT origin, CAST(origin || 'x' AS DOUBLE) AS delay FROM delays`)
  expect((await project.run({ groups: ['worst'] }))['worst']?.error).toMatchObject({
    code: 'FTI_SQL_FAILED',
    place: expect.stringContaining('features/worst.sql'),
  })
})
