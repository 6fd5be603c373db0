import { expect, test } from 'vitest'
import { openGroup } from '../../../src/store/index.ts'
import { type ProjectChanges, TemporaryProject } from '../temporary-project.ts'

const words = `origin,at,note,flights
JFK,2013-01-01T05:00:00Z,late late gate,3
EWR,2013-01-01T06:00:00Z,,9007199254740993
`

/** A group whose rows a module makes of the columns that `sql` gives. */
function withModule(code: string, sql = 'SELECT origin, "at", note FROM flights'): ProjectChanges {
  return {
    delays: {
      transform: { sql: 'features/delays.sql', module: 'features/words.ts' },
      availableAt: 'at',
      features: { words: { type: 'int32' }, longest: { type: 'string' } },
    },
    files: { 'data/flights.csv': words, 'features/delays.sql': sql, 'features/words.ts': code },
  }
}

const countWords = `interface Row { origin: string; at: number; note: string | null }
import { longest } from './longest.ts'
export default function (rows: Row[]) {
  return rows.filter((row) => row.note !== null).map(({ origin, at, note }) => {
    const words = note!.split(' ')
    return { origin, at, words: words.length, longest: longest(words) }
  })
}
`
const longest = `export const longest = (words: string[]) => words.toSorted((a, b) => b.length - a.length)[0] ?? null\n`

async function stored(project: TemporaryProject) {
  const loaded = await project.load()
  const { openProjectEngine } = await import('../../../src/feature/index.ts')
  const engine = await openProjectEngine(loaded)
  try {
    return await engine.rows(
      `SELECT origin, "at", words, longest FROM (${(await openGroup(loaded.store, 'delays')).raw})`,
    )
  } finally {
    await engine.close()
  }
}

test('a module makes the rows of a group, and what it imports is a part of it', async () => {
  const changes = withModule(countWords)
  const project = new TemporaryProject({ ...changes, files: { ...changes.files, 'features/longest.ts': longest } })
  expect(await project.runDelays()).toMatchObject({ status: 'committed', outcome: { rows: 1 } })
  expect(await stored(project)).toEqual([{ origin: 'JFK', at: '2013-01-01T05:00:00.000Z', words: 3, longest: 'late' }])
  expect(await project.runDelays()).toMatchObject({ status: 'nothing to do' })
  project.write('features/longest.ts', longest.replace('b.length - a.length', 'a.localeCompare(b)'))
  expect(await project.runDelays()).not.toMatchObject({ status: 'nothing to do' })
})

const answer = 'origin: row.origin, at: row.at, words: 1, longest: null'
test.each([
  ['reads a column that its SQL does not give', 'row.delay', 'FTI_MODULE_INPUT', /select delay in the SQL/],
  [
    'returns a column too few',
    '{ origin: row.origin, at: row.at, words: 1 }',
    'FTI_MODULE_OUTPUT',
    /longest \(string\)/,
  ],
  ['returns a column too many', `{ ${answer}, more: 1 }`, 'FTI_MODULE_OUTPUT', /exactly/],
  ['returns half a word', `{ ${answer}, words: 1.5 }`, 'FTI_MODULE_OUTPUT', /words \(int32\)/],
  ['returns text for a number', `{ ${answer}, words: '1' }`, 'FTI_MODULE_OUTPUT', /words \(int32\)/],
  ['throws', '(() => { throw new Error("no") })()', 'FTI_MODULE_FAILED', /correct it/],
])('a module that %s ends the run, and nothing is committed', async (_, row, code, remedy) => {
  const project = new TemporaryProject(withModule(`export default (rows) => rows.map((row) => (${row}))`))
  const report = await project.runDelays()
  expect(report).toMatchObject({ status: 'failed', error: { code, place: 'features/words.ts' } })
  expect(report.error?.remedy).toMatch(remedy)
  expect(await project.history()).toEqual([])
})

test('a module that returns no list ends the run', async () => {
  const project = new TemporaryProject(withModule('export default (rows) => 3'))
  expect(await project.runDelays()).toMatchObject({
    error: { code: 'FTI_MODULE_OUTPUT', message: /not a list of rows/ },
  })
})

test('a whole number that JavaScript would round is refused with the way out', async () => {
  const sql = 'SELECT origin, "at", flights::BIGINT AS flights FROM flights'
  const project = new TemporaryProject(withModule(`export default (rows) => []`, sql))
  const { error } = await project.runDelays()
  expect(error).toMatchObject({ code: 'FTI_MODULE_INPUT', remedy: /flights::varchar/ })
})

test('a module that reaches outside itself is refused before anything runs', async () => {
  const project = new TemporaryProject(withModule(`import fs from 'node:fs'\nexport default () => fs.readdirSync('.')`))
  expect(await project.runDelays()).toMatchObject({ error: { code: 'FTI_MODULE_INVALID' } })
})

test('a module alone has no rows to work on', async () => {
  const project = new TemporaryProject({ delays: { transform: 'features/words.ts' } })
  await expect(project.load()).rejects.toThrow(/features\/words.ts is not a .sql file/)
})
