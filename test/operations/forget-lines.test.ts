import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { silentReporter } from '../../src/base/index.ts'
import { followRows } from '../../src/feature/index.ts'
import { forget } from '../../src/operations/index.ts'
import { TemporaryProject } from '../feature/temporary-project.ts'

const now = new Date('2025-01-08T00:00:00Z')
const call = { group: 'visits', now, command: 'fti feature forget visits', lockWaitMs: 0 }

/** Lines that are no rows of `visits`, kept in its quarantine, after one that is a row of bob. */
async function withLines(key: 'string' | 'int64', lines: readonly string[]): Promise<TemporaryProject> {
  const project = new TemporaryProject({
    entities: { person: { key: { person: key } } },
    sources: { seen: { type: 'push', types: { person: key, at: 'timestamp', level: 'int32' } } },
    groups: {
      visits: {
        ...{ entity: 'person', transform: 'features/visits.sql', eventTime: 'at', availableAt: 'at' },
        ...{ features: { level: 'int32' }, onInvalid: 'quarantine' },
      },
    },
    files: { 'features/visits.sql': 'SELECT person, "at", level FROM seen' },
  })
  const first = `{"person":${key === 'string' ? '"bob"' : 7},"at":"2025-01-01T00:00:00Z","level":1}`
  const summary = await followRows({
    ...{ project: await project.load(), group: 'visits', format: 'ndjson', batchRows: 100, batchMs: 60_000 },
    rows: Readable.from([Buffer.from(`${[first, ...lines].join('\n')}\n`)]),
    onBatch: async () => {},
    ...{ by: 'test', command: 'test', lockWaitMs: 0, reporter: silentReporter },
  })
  expect(summary).toMatchObject({ end: 'input', appended: 1, quarantined: lines.length })
  return project
}

const quarantined = async (project: TemporaryProject) =>
  (await project.quarantined('visits')).map(({ row }) => (JSON.parse(row) as { line: string }).line).sort()

test('lines that are no rows are forgotten where they are about the entity, and the plan counts them', async () => {
  const of = [
    '{"person":"bob","at":"yesterday","level":2}',
    '{"person":"bob","at":"2025-01-02T00:00:00Z","level":"high"}',
  ]
  const inText = ['{"person":"bob","at":', '{"who":"bob","at":"no time"}', '["bob"]']
  const others = ['{"person":"bobby","at":"x"}', '{"person":"ann","at":"never","note":"bob"}', '{"person":"bobby"']
  const project = await withLines('string', [...of, ...inText, ...others])
  const options = { ...call, key: { person: 'bob' } }
  const { plan } = await forget(await project.load(), { ...options, apply: false })
  expect(plan.tables).toMatchObject([
    { name: 'v1', rows: 1, namedInText: 0 },
    { name: 'quarantine', rows: 5, namedInText: 3 },
  ])
  expect(await quarantined(project)).toHaveLength(8)
  const { left } = await forget(await project.load(), { ...options, apply: true })
  expect(left?.tables).toEqual([])
  expect(await quarantined(project)).toEqual(others.toSorted())
})

test('a number is compared as one, and in text it is found only as a whole', async () => {
  const others = ['{"person":70,"at":"x"}', '{"person":70,"at":7', '{"level":"17"']
  const project = await withLines('int64', ['{"person":"7","at":"x"}', '{"person":7', ...others])
  const { plan } = await forget(await project.load(), { ...call, key: { person: '7' }, apply: true })
  expect(plan.tables).toMatchObject([{ rows: 1 }, { rows: 3, namedInText: 2 }])
  expect(await quarantined(project)).toEqual(others.filter((line) => !line.endsWith(':7')).toSorted())
})

test('a key is found in the text of a line however JSON was escaped', async () => {
  const lines = ['{"person":"Jörg \\"B\\" K"', '{"person":"J\\u00f6rg \\"B\\" K"', 'person: Jörg "B" K']
  const project = await withLines('string', lines)
  const { left } = await forget(await project.load(), { ...call, key: { person: 'Jörg "B" K' }, apply: true })
  expect(left?.tables).toEqual([])
  expect(await quarantined(project)).toEqual([])
})
