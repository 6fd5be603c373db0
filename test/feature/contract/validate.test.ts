import { expect, test } from 'vitest'
import { type ProjectChanges, TemporaryProject } from '../temporary-project.ts'

const now = new Date('2013-06-01T00:00:00Z')

/** A good row, and one that breaks each rule; every rule's name with the number of rows that break it. */
const features = {
  needed: { type: 'float64', nullable: false },
  ranged: { type: 'float64', range: [0, 10] },
  listed: { type: 'string', oneOf: ['a', "b'c"] },
  shaped: { type: 'string', pattern: '[A-Z]{3}' },
  single: { type: 'int32', unique: true },
  finite: { type: 'float64' },
}
const good = {
  origin: 'JFK',
  at: '2013-01-01T00:00:00Z',
  needed: 1,
  ranged: 5,
  listed: 'a',
  shaped: 'ABC',
  single: 1,
  finite: 0,
}
type Row = { [name in keyof typeof good]: unknown }

function rows(...changes: Partial<Row>[]): string {
  const values = changes.map((change, index) => {
    const row: Row = {
      ...good,
      at: `2013-01-${String(index + 1).padStart(2, '0')}T00:00:00Z`,
      single: index,
      ...change,
    }
    const time = row.at === null ? 'NULL' : `'${row.at}'`
    const text = (value: unknown) => (value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`)
    return `(${text(row.origin)}, ${time}::TIMESTAMPTZ, ${text(row.needed)}::DOUBLE, ${text(row.ranged)}::DOUBLE, ${text(row.listed)}, ${text(row.shaped)}, ${text(row.single)}::INTEGER, ${text(row.finite)}::DOUBLE)`
  })
  return `SELECT * FROM (VALUES ${values.join(',\n')}) v(origin, "at", needed, ranged, listed, shaped, single, finite)`
}

function project(sql: string, group: object = {}): TemporaryProject {
  const changes: ProjectChanges = { delays: { features, ...group }, files: { 'features/delays.sql': sql } }
  return new TemporaryProject(changes)
}

const breaking: [rule: string, rows: Partial<Row>[]][] = [
  ['origin is null', [{ origin: null }]],
  ['at is null', [{ at: null }]],
  ['at is not a finite time', [{ at: '-infinity' }]],
  ['at is before the year 1', [{ at: '290000-01-01 (BC) 00:00:00+00' }]],
  ['at is in the future', [{ at: '2013-06-01T00:05:01Z' }]],
  ['several values for one origin, at', [{ at: '2013-02-01T00:00:00Z' }, { at: '2013-02-01T00:00:00Z', needed: 2 }]],
  ['needed is null', [{ needed: null }]],
  ['ranged is below 0', [{ ranged: -0.5 }]],
  ['ranged is above 10', [{ ranged: 10.5 }]],
  ['listed is not an allowed value', [{ listed: 'b' }]],
  ['shaped does not match its pattern', [{ shaped: 'ABCD' }]],
  ['single is not unique', [{ single: 77 }, { single: 77 }]],
  ['finite is not a finite number', [{ finite: 'NaN' }, { finite: 'Infinity' }]],
  ['ranged is not a finite number', [{ ranged: 'NaN' }]],
]

test('each rule refuses the rows that break it, no other, and says why', async () => {
  const bad = breaking.flatMap(([, changes]) => changes)
  const example = project(rows({}, {}, ...bad), { onInvalid: 'quarantine' })
  const { outcome } = await example.runDelays({ now })
  expect(Object.fromEntries(outcome?.violations.map(({ rule, rows: count }) => [rule, count]) ?? [])).toEqual(
    Object.fromEntries(breaking.map(([rule, changes]) => [rule, changes.length])),
  )
  expect(outcome).toMatchObject({ status: 'committed', rows: 19, appended: 2, quarantined: 17 })
  expect((await example.quarantined()).map(({ reason }) => reason).sort()).toEqual(
    breaking.flatMap(([rule, changes]) => changes.map(() => rule)).sort(),
  )
})

test('values at the borders pass, and null passes every rule but its own', async () => {
  const edges: Partial<Row>[] = [
    { ranged: 0 },
    { ranged: 10 },
    { listed: "b'c" },
    { at: '2013-06-01T00:05:00Z' },
    { ranged: null, listed: null, shaped: null, single: null, finite: null },
    { ranged: null, listed: null, shaped: null, single: null, finite: null },
  ]
  expect(await project(rows(...edges)).runDelays({ now })).toMatchObject({ outcome: { appended: 6, violations: [] } })
})

test('onInvalid: fail commits nothing and names every rule that was broken, with a row', async () => {
  const bad = breaking.flatMap(([, changes]) => changes)
  const { error } = await project(rows({}, ...bad)).runDelays({ now })
  expect(error).toMatchObject({
    code: 'FTI_CONTRACT_VIOLATED',
    exit: 1,
    place: 'features/delays.sql',
    remedy: expect.stringMatching(
      /featureGroups\.delays\.onInvalid: quarantine .*; where the values are right, widen the rule/,
    ),
  })
  for (const [rule, changes] of breaking)
    expect(error?.detail).toContain(`${changes.length} of 18 rows: ${rule}, for example {"origin":`)
})

test('onInvalid: warn commits the rows and names them; what no table can hold still fails', async () => {
  const warned = project(rows({}, { ranged: 99 }), { onInvalid: 'warn' })
  expect(await warned.runDelays({ now })).toMatchObject({
    outcome: {
      appended: 2,
      quarantined: 0,
      violations: [{ rule: 'ranged is above 10', rows: 1, sample: { ranged: 99 } }],
    },
  })
  const failed = project(rows({}, { origin: null }), { onInvalid: 'warn' })
  expect(await failed.runDelays({ now })).toMatchObject({ error: { code: 'FTI_CONTRACT_VIOLATED' } })
})

test('refused rows are kept with every value, and once, however often they come', async () => {
  const example = project(rows({}, { ranged: 99, shaped: 'x' }), { onInvalid: 'quarantine' })
  await example.runDelays({ now })
  example.write('features/delays.sql', `${rows({}, { ranged: 99, shaped: 'x' })} WHERE true`)
  await example.runDelays({ now })
  const [row, ...others] = await example.quarantined()
  expect(others).toEqual([])
  expect(row?.reason).toBe('ranged is above 10; shaped does not match its pattern')
  expect(JSON.parse(row?.row ?? '')).toMatchObject({ origin: 'JFK', ranged: '99.0', shaped: 'x' })
})

test('a batch of which every row is refused is a failure, not a success without rows', async () => {
  const { error } = await project(rows({ ranged: 99 }), { onInvalid: 'quarantine' }).runDelays({ now })
  expect(error).toMatchObject({ code: 'FTI_CONTRACT_VIOLATED', detail: expect.stringContaining('1 of 1 row:') })
})

test('rows that repeat every value are one row', async () => {
  const twice = { at: '2013-02-01T00:00:00Z', single: null }
  expect(await project(rows(twice, twice)).runDelays({ now })).toMatchObject({ outcome: { rows: 2, appended: 1 } })
})

test('values that differ for one key and time are a conflict, whatever their availability', async () => {
  const sql = rows({ single: null }, { single: null, needed: 2, at: good.at }).replace(
    'SELECT *',
    `SELECT *, "at" + needed * INTERVAL 1 HOUR AS known_at`,
  )
  const { error } = await project(sql, { availableAt: 'known_at' }).runDelays({ now })
  expect(error?.detail).toContain('2 of 2 rows: several values for one origin, at')
})

test('expectations about rows: false is a violation, unknown is none', async () => {
  const expectations = { rows: ['needed <= ranged'] }
  const sql = rows({}, { needed: 9 }, { ranged: null })
  expect(await project(sql, { expect: expectations }).runDelays({ now })).toMatchObject({
    error: {
      code: 'FTI_CONTRACT_VIOLATED',
      detail: expect.stringContaining('1 of 3 rows: not (needed <= ranged), for example'),
    },
  })
})

test('expectations about the batch hold for what would be committed', async () => {
  const expectations = { batch: ['max(ranged) <= 10', 'count(*) >= 1'] }
  const sql = rows({}, { ranged: 99 })
  const group = { expect: expectations, features: { ...features, ranged: { type: 'float64', range: [0, 50] } } }
  expect(await project(sql, { ...group, onInvalid: 'quarantine' }).runDelays({ now })).toMatchObject({
    status: 'committed',
  })
  expect(
    await project(sql, { ...group, features: { ...features, ranged: 'float64' } }).runDelays({ now }),
  ).toMatchObject({
    error: { code: 'FTI_CONTRACT_VIOLATED', detail: '2 of 2 rows: not (max(ranged) <= 10)' },
  })
  expect(
    await project(sql, { ...group, features: { ...features, ranged: 'float64' }, onInvalid: 'warn' }).runDelays({
      now,
    }),
  ).toMatchObject({ status: 'committed', outcome: { violations: [{ rule: 'not (max(ranged) <= 10)', rows: 2 }] } })
})

test.each([
  ['1) FROM x --', 'FTI_SQL_UNKNOWN_TABLE'],
  ['needed > 0); DROP TABLE x; SELECT (1', 'FTI_SQL_NOT_SELECT'],
  ['origin IN (SELECT origin FROM flights)', 'FTI_SQL_UNKNOWN_TABLE'],
  ['neeeded > 0', 'FTI_SQL_FAILED'],
  ['needed >', 'FTI_SQL_FAILED'],
])('the expectation %j is refused with %s', async (condition, code) => {
  const example = project(rows({}), { expect: { rows: [condition] } })
  expect(await example.runDelays({ now })).toMatchObject({
    error: { code, place: expect.stringMatching(/^featureGroups.delays.expect/) },
  })
})
