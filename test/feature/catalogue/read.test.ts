import { expect, test } from 'vitest'
import { describeGroup, getValues, groupHistory, listFeatureGroups, parseKey } from '../../../src/feature/index.ts'
import { flightsCsv, TemporaryProject } from '../temporary-project.ts'

const first = new Date('2013-02-01T00:00:00Z')
const second = new Date('2013-02-02T00:00:00Z')

/** Two snapshots: in the second the last delay of JFK was corrected. */
async function corrected(): Promise<TemporaryProject> {
  const project = new TemporaryProject({ delays: { owner: 'data-team' } })
  await project.run({ now: first })
  project.write('data/flights.csv', flightsCsv.replace(',10', ',20'))
  await project.run({ now: second })
  return project
}

async function get(project: TemporaryProject, at: string, snapshot?: number | Date) {
  const key = parseKey(['origin=JFK'])
  return getValues(await project.load(), { group: 'delays', key, at: new Date(at), snapshot })
}

test.each([
  ['2013-01-01T04:59:59Z', undefined],
  ['2013-01-01T05:00:00Z', 2.5],
  ['2013-01-01T06:00:00Z', 10],
  ['2013-02-01T23:00:00Z', 10],
  ['2013-02-02T00:00:00Z', 20],
])('at %s the delay of JFK was known as %s', async (at, delay) => {
  const { stored } = await get(await corrected(), at)
  expect(stored?.['delay']).toBe(delay)
})

test('an older snapshot does not know what came after it', async () => {
  const project = await corrected()
  for (const snapshot of [0, first])
    expect((await get(project, '2020-01-01T00:00:00Z', snapshot)).stored).toMatchObject({ delay: 10 })
  await expect(get(project, '2020-01-01T00:00:00Z', 7)).rejects.toMatchObject({ code: 'FTI_SNAPSHOT_UNKNOWN' })
})

test('what the online store has stands beside it', async () => {
  expect(await get(await corrected(), '2013-01-01T05:00:00Z')).toMatchObject({
    snapshot: 1,
    stored: { delay: 2.5 },
    online: { asOf: null, values: { delay: 20 } },
  })
})

const keyed = {
  entities: { thing: { key: { id: 'int64', seen: 'timestamp', day: 'date', flag: 'boolean' } } },
  groups: { things: { entity: 'thing', static: true, transform: 'features/things.sql', features: { x: 'int32' } } },
  files: {
    'features/things.sql': `SELECT 9007199254740993 AS id, TIMESTAMPTZ '2013-01-01T05:00:00Z' AS seen, DATE '2013-01-01' AS "day", true AS flag, 1 AS x`,
  },
} as const

test('keys of every type find their row, stored and online', async () => {
  const project = new TemporaryProject(keyed)
  await project.run({ groups: ['things'] })
  const key = parseKey(['id=9007199254740993', 'seen=2013-01-01T06:00+01:00', 'day=2013-01-01', 'flag=true'])
  expect(await getValues(await project.load(), { group: 'things', key, at: new Date() })).toMatchObject({
    stored: { x: 1 },
    online: { values: { x: 1 } },
  })
})

test.each([
  [
    ['id=1.5', 'seen=2013-01-01', 'day=2013-01-01', 'flag=true'],
    'FTI_KEY_INVALID',
    /'1.5' is not a value for id, which is int64/,
  ],
  [
    ['id=9223372036854775808', 'seen=2013-01-01', 'day=2013-01-01', 'flag=true'],
    'FTI_KEY_INVALID',
    /is not a value for id/,
  ],
  [['id=1', 'seen=2013-01-01T06:00', 'day=2013-01-01', 'flag=true'], 'FTI_TIME_INVALID', /not a time with a zone/],
  [['id=1', 'seen=2013-01-01', 'day=2013-02-30', 'flag=true'], 'FTI_KEY_INVALID', /is not a value for day/],
  [['id=1', 'seen=2013-01-01', 'day=2013-01-01', 'flag=yes'], 'FTI_KEY_INVALID', /is not a value for flag/],
  [['id=1', 'seen=2013-01-01', 'day=2013-01-01'], 'FTI_KEY_INVALID', /needs 'flag'/],
  [['id=1', 'flga=true'], 'FTI_KEY_INVALID', /'flga' is not a key/],
  [['id=1', 'id=2'], 'FTI_KEY_INVALID', /twice/],
  [['id'], 'FTI_KEY_INVALID', /'id' is not a key/],
])('the key %j is refused', async (parts, code, message) => {
  const project = new TemporaryProject(keyed)
  await project.run({ groups: ['things'] })
  const read = async () => getValues(await project.load(), { group: 'things', key: parseKey(parts), at: new Date() })
  await expect(read()).rejects.toMatchObject({ code, exit: 2, message: expect.stringMatching(message) })
})

test('the list names groups that ran, groups that never did, and groups of other projects', async () => {
  const project = await corrected()
  project.configure({ groups: { later: keyed.groups.things }, entities: keyed.entities })
  const groups = await listFeatureGroups(await project.load())
  expect(groups).toMatchObject([
    { group: 'delays', features: 1, contractVersion: 1, snapshot: 1, rows: 4, committedAt: second.toISOString() },
    { group: 'later', features: 1, contractVersion: null, snapshot: null, rows: 0, committedAt: null },
  ])
})

test('a group whose log is damaged is shown as damaged, and hides no other', async () => {
  const project = await corrected()
  project.configure({ groups: { later: keyed.groups.things }, entities: keyed.entities })
  project.write('store/delays/v1/_delta_log/00000000000000000000.json', 'null\n')
  const [damaged, other] = await listFeatureGroups(await project.load())
  expect(damaged).toMatchObject({
    group: 'delays',
    snapshot: null,
    problem: expect.stringMatching(/^FTI_TABLE_CORRUPT /),
  })
  expect(other).toMatchObject({ group: 'later', problem: null })
})

test('a description holds contract, counts, profile and sync, now or at a snapshot', async () => {
  const project = await corrected()
  expect(await describeGroup(await project.load(), 'delays')).toMatchObject({
    contract: { group: 'delays', owner: 'data-team' },
    contractVersion: 1,
    snapshot: 1,
    rows: 4,
    files: 2,
    committedAt: second.toISOString(),
    profile: { rows: 4, columns: [{ name: 'delay', count: 4, nulls: 0, min: -4, max: 20 }] },
    online: { rows: 2, snapshot: 1 },
  })
  expect(await describeGroup(await project.load(), 'delays', 0)).toMatchObject({
    snapshot: 0,
    rows: 3,
    profile: { rows: 3 },
  })
})

test('the history lists commits, newest first, with their runs', async () => {
  const project = await corrected()
  const history = await groupHistory(await project.load(), 'delays')
  expect(history.map(({ version, time, rowsAdded }) => [version, time, rowsAdded])).toEqual([
    [1, second.toISOString(), 1],
    [0, first.toISOString(), 3],
  ])
  expect(history[0]?.info.fti).toMatchObject({ command: 'fti feature run', restated: 1, unchanged: 2 })
})

test('a group that nobody knows comes with the nearest name', async () => {
  const project = await corrected()
  await expect(groupHistory(await project.load(), 'delay')).rejects.toMatchObject({
    code: 'FTI_GROUP_NEVER_RUN',
    remedy: expect.stringContaining("did you mean 'delays'?"),
  })
})
