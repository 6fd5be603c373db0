import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentReporter } from '../../../src/base/index.ts'
import { type CaseReport, type GroupTests, testGroups } from '../../../src/feature/index.ts'
import { type ProjectChanges, TemporaryProject } from '../temporary-project.ts'

async function tested(project: TemporaryProject, ...groups: string[]): Promise<GroupTests> {
  return testGroups({ project: await project.load(), groups, reporter: silentReporter })
}

/** The one case of `delays`, in a project without a source file, without a store and without a state. */
async function judge(text: string, changes: ProjectChanges = {}): Promise<CaseReport> {
  const files = { 'data/flights.csv': undefined, 'tests/features/delays/it.yaml': text, ...changes.files }
  const project = new TemporaryProject({ ...changes, files })
  const { cases } = await tested(project)
  for (const folder of ['store', 'registry', '.fti']) expect(existsSync(join(project.folder, folder))).toBe(false)
  if (cases[0] === undefined || cases.length > 1) throw new Error('not one case')
  return cases[0]
}

const given = `given:
  flights:
    - { origin: JFK, at: 2013-01-01T05:00:00Z, delay: 2.5 }
    - { origin: EWR, at: 2013-01-01T05:00:00Z, delay: -4 }
    - { origin: JFK, at: 2013-01-01T07:00:00+01:00, delay: 10 }
`

test('rows in any order with only some columns are as expected; no source, store or state is needed', async () => {
  const report = await judge(`${given}
expect:
  - { origin: JFK, delay: 10 }
  - { delay: 2.50, origin: JFK }
  - { origin: EWR, delay: -4.0 }
`)
  expect(report).toMatchObject({ status: 'passed', rows: { expected: 3, got: 3, different: 0 } })
}, 30_000)

test('a wrong value, a missing row and an unexpected one are told apart by the key and the event time', async () => {
  const report = await judge(`given:
  flights:
    - { origin: JFK, at: 2013-01-01T05:00:00Z, delay: 2.5 }
    - { origin: EWR, at: 2013-01-01T05:00:00Z, delay: -4 }
expect:
  - { origin: JFK, at: 2013-01-01T05:00:00Z, delay: 2.6, _available_at: 2013-01-01T05:00:00Z }
  - { origin: LGA, at: 2013-01-01T05:00:00Z, delay: null, _available_at: 2013-01-01T05:00:00Z }
`)
  expect(report.status).toBe('failed')
  expect(report.rows).toMatchObject({ expected: 2, got: 2, different: 3 })
  expect(report.rows?.differences).toEqual([
    {
      kind: 'unexpected',
      row: { origin: 'EWR', at: '2013-01-01T05:00:00.000Z', delay: -4, _available_at: '2013-01-01T05:00:00.000Z' },
    },
    {
      kind: 'changed',
      row: { origin: 'JFK', at: '2013-01-01T05:00:00.000Z' },
      values: [{ column: 'delay', expected: 2.6, got: 2.5 }],
    },
    {
      kind: 'missing',
      row: { origin: 'LGA', at: '2013-01-01T05:00:00.000Z', delay: null, _available_at: '2013-01-01T05:00:00.000Z' },
    },
  ])
})

test('every type compares right: null, NaN, whole numbers beyond 2^53, the last digit of a float, text that looks like a number', async () => {
  const types = {
    big: 'int64',
    ratio: 'float64',
    small: 'float32',
    name: 'string',
    day: 'date',
    is: 'boolean',
    seen: 'timestamp',
  }
  const features = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }]))
  const sql = `SELECT origin, "at", delay AS big, 0.1 + 0.2::DOUBLE AS ratio, 0.1::FLOAT AS small, name, "at"::DATE AS day,
    delay > 1 AS "is", NULL::TIMESTAMPTZ AS seen FROM flights`
  const report = await judge(
    `given:
  flights:
    types: { name: string, delay: int64 }
    rows:
      - { origin: JFK, at: 2013-01-01T05:00:00.000001Z, delay: 9007199254740993, name: 007 }
      - { origin: EWR, at: 2013-01-01T05:00:00Z, delay: null, name: null }
expect:
  - { origin: JFK, at: 2013-01-01T05:00:00.000001Z, big: 9007199254740993, ratio: .3, small: 0.1, name: 007, day: 2013-01-01, is: true, seen: null }
  - { origin: EWR, at: 2013-01-01T00:00:00-05:00, big: null, ratio: 0.3, small: 0.1, name: null, day: 2013-01-01, is: null, seen: null }
`,
    { delays: { features }, files: { 'features/delays.sql': sql } },
  )
  expect(report).toMatchObject({ status: 'passed' })
})

test('one in the last digit of a whole number beyond 2^53, and one microsecond, are differences', async () => {
  const changes = {
    delays: { features: { big: { type: 'int64' } } },
    files: { 'features/delays.sql': 'SELECT origin, "at", delay AS big FROM flights' },
  }
  const rows = (time: string, big: string) => `- { origin: JFK, at: 2013-01-01T05:00:00.${time}Z, REPLACED: ${big} }`
  const text = (time: string, big: string) =>
    `given:\n  flights:\n    ${rows('000001', '9007199254740993').replace('REPLACED', 'delay')}\nexpect:\n  ${rows(time, big).replace('REPLACED', 'big')}\n`
  expect(await judge(text('000001', '9007199254740993'), changes)).toMatchObject({ status: 'passed' })
  expect(await judge(text('000001', '9007199254740992'), changes)).toMatchObject({
    rows: { differences: [{ kind: 'changed', values: [{ expected: '9007199254740992', got: '9007199254740993' }] }] },
  })
  expect(await judge(text('000002', '9007199254740993'), changes)).toMatchObject({ rows: { different: 2 } })
})

test('NaN that a contract refuses is kept aside, and the case must say so', async () => {
  const text = `given:
  flights:
    types: { delay: float64 }
    rows:
      - { origin: JFK, at: 2013-01-01T05:00:00Z, delay: .nan }
      - { origin: EWR, at: 2013-01-01T05:00:00Z, delay: 1 }
expect:
  - { origin: EWR, delay: 1 }
`
  const changes = { delays: { onInvalid: 'quarantine' } }
  expect(await judge(text, changes)).toMatchObject({
    status: 'failed',
    refused: { different: 1, differences: [{ kind: 'unexpected', row: { reason: 'delay is not a finite number' } }] },
  })
  const said = `${text}refused:\n  - { origin: JFK, delay: .nan, reason: delay is not a finite number }\n`
  expect(await judge(said, changes)).toMatchObject({ status: 'passed' })
  expect(await judge(text)).toMatchObject({ status: 'failed', error: { code: 'FTI_CONTRACT_VIOLATED' } })
  expect(await judge(text.replace(/expect:[\s\S]*/, 'error: FTI_CONTRACT_VIOLATED\n'))).toMatchObject({
    status: 'passed',
  })
  const other = await judge(`${given}error: FTI_CONTRACT_VIOLATED\n`)
  expect(other).toMatchObject({ status: 'failed', error: { code: 'FTI_CASE_INPUT' } })
})

test('rows come from files beside the case too', async () => {
  const report = await judge('given: { flights: in.csv }\nexpect: out.ndjson\n', {
    files: {
      'tests/features/delays/in.csv': 'origin,at,delay\nJFK,2013-01-01T05:00:00Z,1\nEWR,2013-01-01T05:00:00Z,2\n',
      'tests/features/delays/out.ndjson': '{"origin":"EWR","delay":2}\n{"origin":"JFK","delay":1}\n',
    },
  })
  expect(report).toMatchObject({ status: 'passed', rows: { expected: 2 } })
  expect(await judge('given: { flights: gone.csv }\nexpect: [{ origin: JFK }]\n')).toMatchObject({
    status: 'failed',
    error: { code: 'FTI_CASE_INPUT', place: expect.stringContaining('it.yaml:1:') },
  })
})

test('repeated rows count where no key tells them apart', async () => {
  const two = await judge(`${given}expect: [{ delay: 2.5 }, { delay: 2.5 }, { delay: -4 }, { delay: 10 }]\n`)
  expect(two.rows).toMatchObject({ different: 1, differences: [{ kind: 'missing', row: { delay: 2.5 } }] })
})

test('windows, modules and groups that are read run as they do in a run', async () => {
  const project = new TemporaryProject({
    groups: {
      lately: {
        entity: 'airport',
        transform: 'features/lately.sql',
        eventTime: 'at',
        availableAt: 'at',
        features: {
          flights: { type: 'int32', aggregate: { count: '*', over: '2h' } },
          worst: { type: 'float64', aggregate: { max: 'delay', over: '2h' } },
        },
      },
      doubled: {
        entity: 'airport',
        transform: { sql: 'features/lately.sql', module: 'features/doubled.ts' },
        eventTime: 'at',
        availableAt: 'at',
        features: { twice: 'float64' },
      },
    },
    files: {
      'data/flights.csv': undefined,
      'features/lately.sql': 'SELECT origin, "at", delay FROM delays',
      'features/doubled.ts':
        'export default (rows) => rows.map(({ origin, at, delay }) => ({ origin, at, twice: delay * 2 }))',
      'tests/features/lately/two-hours.yaml': `given:
  delays:
    - { origin: JFK, at: 2013-01-01T05:00:00Z, delay: 9 }
    - { origin: JFK, at: 2013-01-01T06:00:00Z, delay: 4 }
    - { origin: JFK, at: 2013-01-01T07:30:00Z, delay: 5 }
expect:
  - { at: 2013-01-01T05:00:00Z, origin: JFK, flights: 1, worst: 9 }
  - { at: 2013-01-01T06:00:00Z, origin: JFK, flights: 2, worst: 9 }
  - { at: 2013-01-01T07:30:00Z, origin: JFK, flights: 2, worst: 5 }
`,
      'tests/features/doubled/twice.yaml': `given:
  delays: [{ origin: JFK, at: 2013-01-01T05:00:00Z, delay: 9 }]
expect: [{ origin: JFK, twice: 18 }]
`,
    },
  })
  const { cases, untested } = await tested(project)
  expect(cases.map(({ group, case: name, status, error }) => [group, name, status, error])).toEqual([
    ['lately', 'two-hours', 'passed', undefined],
    ['doubled', 'twice', 'passed', undefined],
  ])
  expect(untested).toEqual(['delays'])
})

test.each([
  ['nothing is expected', given, /expects nothing/, /expect:/],
  ['no rows are expected', `${given}expect: []\n`, /expects nothing/, /error:/],
  ['no rows are given', 'given: { flights: [] }\nexpect: [{ origin: JFK }]\n', /gives no rows/, /./],
  [
    'a key is mistyped',
    `${given}expcet: [{ origin: JFK }]\nexpect: [{ origin: JFK }]\n`,
    /no key/,
    /did you mean 'expect'/,
  ],
  ['a column is mistyped', `${given}expect: [{ orgin: JFK }]\n`, /no column 'orgin'/, /did you mean 'origin'/],
  ['an input is mistyped', 'given: { fligths: [{ a: 1 }] }\nexpect: [{ origin: A }]\n', /does not read/, /'flights'/],
  [
    'a row says less than others',
    `${given}expect: [{ origin: A, delay: 1 }, { origin: B }]\n`,
    /does not say its delay/,
    /null/,
  ],
  ['a value is of another type', `${given}expect: [{ origin: A, delay: late }]\n`, /late/, /delay: float64/],
  ['a time has no zone', `${given}expect: [{ at: 2013-01-01T05:00:00 }]\n`, /no time zone/, /zone/],
  ['it is not YAML', 'given: [', /not valid YAML/, /./],
  ['it is a list', '- 1\n', /mapping/, /given/],
])('a case in which %s fails and says what to do', async (_what, text, message, remedy) => {
  const { status, error } = await judge(text)
  expect(status).toBe('failed')
  expect(`${error?.message} ${error?.detail ?? ''}`).toMatch(message)
  expect(`${error?.remedy} ${error?.detail ?? ''}`).toMatch(remedy)
  expect(error?.place).toMatch(/it\.yaml:\d+:\d+$/)
})

test('expectations of the batch hold for a case unless it says otherwise', async () => {
  const changes = { delays: { expect: { batch: ['count(*) > 100'] } } }
  const text = `${given}expect: [{ delay: 2.5 }, { delay: -4 }, { delay: 10 }]\n`
  expect(await judge(text, changes)).toMatchObject({ error: { code: 'FTI_CONTRACT_VIOLATED' } })
  expect(await judge(`${text}batch: skip\n`, changes)).toMatchObject({ status: 'passed' })
})

test('cases of no group, and a named group without cases, are errors; a project without any is not', async () => {
  const project = new TemporaryProject()
  expect(await tested(project)).toEqual({ cases: [], untested: ['delays'] })
  await expect(tested(project, 'delays')).rejects.toMatchObject({ code: 'FTI_CASES_MISSING', exit: 1 })
  await expect(tested(project, 'dealys')).rejects.toMatchObject({ code: 'FTI_GROUP_UNKNOWN', remedy: /'delays'/ })
  project.write('tests/features/delay/it.yaml', given)
  await expect(tested(project)).rejects.toMatchObject({ code: 'FTI_CASE_INVALID', remedy: /did you mean 'delays'/ })
  expect(readdirSync(project.folder)).not.toContain('store')
})
