import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Engine, openEngine, quoteText } from '../../src/engine/index.ts'
import { readSnapshot, tablePath } from '../../src/store/index.ts'
import { type BuiltDataset, buildDataset, type DatasetOptions } from '../../src/training/dataset/build-dataset.ts'
import { asOf, PumpProject } from './pump-project.ts'

let pumps: PumpProject
let built: BuiltDataset
let engine: Engine

beforeAll(async () => {
  pumps = await PumpProject.create().runFeatures()
  built = await build(pumps)
  engine = await pumps.engine()
}, 60_000)

async function build(project: PumpProject, options: Partial<DatasetOptions> = {}): Promise<BuiltDataset> {
  const loaded = await project.load()
  const model = loaded.models.get('failing_check')
  if (!model) throw new Error('the project has no model')
  const own = await openEngine({ tempDirectory: join(loaded.state, 'tmp'), allowedDirectories: [loaded.store] })
  try {
    return await buildDataset({ engine: own, project: loaded, model, asOf, task: { update: () => {} }, ...options })
  } finally {
    await own.close()
  }
}

/** Rows of the shared dataset by a SELECT that calls it `examples`. */
async function examples(select: string): Promise<Record<string, unknown>[]> {
  const paths = Object.values(built.dataset.paths).map(quoteText).join(', ')
  return engine.rows(`WITH examples AS (SELECT * FROM read_parquet([${paths}])) ${select}`)
}

const columns = 'select check_id, pump, backup, weight, checks.planned_at, checks.planned_at as predict_at'

describe('labels', () => {
  test('are those known at the moment; later ones are immature, checks without a report unmatched', async () => {
    expect(built.labels).toEqual({ mature: 390, immature: 0, unmatched: 10 })
    const earlier = await build(pumps, { asOf: new Date('2025-02-01T00:00:00Z') })
    expect(earlier.labels).toEqual({ mature: 315, immature: 75, unmatched: 10 })
    const rows = Object.values(earlier.dataset.rows).reduce((a, b) => a + b, 0)
    expect(rows).toBeLessThanOrEqual(315)
  })

  test('are joined by exact key, one to each row of the spine', async () => {
    const found = await examples(
      `SELECT count(*) AS rows, count(DISTINCT check_id) AS checks, sum(_label) > 20 AS some FROM examples`,
    )
    expect(found).toEqual([{ rows: 390, checks: 390, some: true }])
  })

  test('of one class are refused: there is nothing to learn', async () => {
    const good = 'from checks join check_outcomes using (check_id) where not failed'
    const project = pumps.copy().write('training/failing_check.sql', `${columns} ${good}`)
    await expect(build(project)).rejects.toMatchObject({
      code: 'FTI_LABEL_ONE_CLASS',
      message: "every label of 'failing_check' is 0",
    })
  })
})

describe('the same inputs', () => {
  test('give the same dataset, found again and not made again', async () => {
    expect((await build(pumps)).dataset).toEqual(built.dataset)
  })

  test('give it also at a later moment at which no more labels are known', async () => {
    const later = await build(pumps, { asOf: new Date('2025-06-01T00:00:00Z') })
    expect(later.dataset.id).toBe(built.dataset.id)
  })

  test('in another layout of the spine are the same inputs, other on-demand code is not', async () => {
    const spaced = pumps.copy().edit('training/failing_check.sql', 'select check_id', '/* all */ SELECT\n  check_id')
    expect((await build(spaced)).dataset.id).toBe(built.dataset.id)
    const coded = pumps.copy().edit('features/hour.ts', 'getUTCHours()', 'getUTCHours() + 1')
    expect((await build(coded)).dataset.id).not.toBe(built.dataset.id)
  })

  test('are named: snapshots and contract versions of every group that was read', () => {
    const groups = ['checks', 'pump_readings', 'pump_register', 'check_outcomes']
    expect(built.dataset.snapshots).toEqual(groups.map((group) => ({ group, contractVersion: 1, snapshot: 0 })))
  })
})

describe('columns', () => {
  test('of a group joined by another key carry its prefix and come from that entity', async () => {
    const found = await examples(
      `SELECT count(*) FILTER (pump = backup) AS own,
         count(*) FILTER (pump = backup AND pressure IS NOT DISTINCT FROM backup_pressure) AS equal,
         count(*) FILTER (pump <> backup AND pressure = backup_pressure) AS by_chance FROM examples`,
    )
    expect(built.signature.columns.map(({ name }) => name)).toEqual([
      ...['pressure', 'load', 'backup_pressure', 'kind', 'built'],
      ...['weight', 'hour'],
    ])
    const [{ own, equal, by_chance } = {}] = found as Record<string, number>[]
    expect(own).toBeGreaterThan(50)
    expect(equal).toBe(own)
    expect(by_chance).toBeLessThan(10)
  })

  test('of on-demand code are what the code gives for the row', async () => {
    const found = await examples('SELECT count(*) AS wrong FROM examples WHERE hour <> hour(planned_at)')
    expect(found).toEqual([{ wrong: 0 }])
  })

  test('hold the newest value that was known at the time, ten minutes after it was read', async () => {
    const raw = built.sources.groups.get('pump_readings')?.raw ?? ''
    const readings = await engine.rows<{ pump: string; taken_at: string; pressure: number }>(raw)
    for (const row of await examples('SELECT pump, predict_at, pressure FROM examples LIMIT 100')) {
      const until = Date.parse(String(row['predict_at'])) - 600_000
      const known = readings.filter(({ pump, taken_at }) => pump === row['pump'] && Date.parse(taken_at) <= until)
      const newest = known.sort((a, b) => Date.parse(b.taken_at) - Date.parse(a.taken_at))[0]
      expect(row['pressure']).toBe(newest?.pressure)
    }
  })
})

describe('the spine is refused', () => {
  const spine = 'training/failing_check.sql'
  const refusals: [why: string, sql: string, expected: object][] = [
    [
      'over a raw source',
      'select * from plan',
      { code: 'FTI_SPINE_REFUSED', message: "the spine reads 'plan', which is not a feature group" },
    ],
    [
      'over a file',
      "select * from read_csv('data/plan.csv')",
      { code: 'FTI_SPINE_REFUSED', message: "the spine reads 'read_csv', which is not a feature group" },
    ],
    [
      'when it lacks a column',
      'select check_id, pump, backup, planned_at, planned_at as predict_at from checks',
      { code: 'FTI_SPINE_REFUSED', message: "the spine does not give the column 'weight'" },
    ],
    [
      'when a column has another type',
      'select check_id, pump, backup, weight::varchar as weight, planned_at, planned_at as predict_at from checks',
      {
        code: 'FTI_SPINE_REFUSED',
        message: "the spine gives 'weight' as VARCHAR, but float64 (DOUBLE) is declared",
        remedy: 'write CAST(weight AS DOUBLE)',
      },
    ],
    [
      'when rows have no time',
      'select check_id, pump, backup, weight, planned_at, nullif(planned_at, planned_at) as predict_at from checks',
      { code: 'FTI_SPINE_REFUSED', message: '400 rows of the spine have no predict_at' },
    ],
    ['without rows', `${columns} from checks where false`, { code: 'FTI_SPINE_EMPTY' }],
    [
      'when no key has a label',
      "select 'x' || check_id as check_id, pump, backup, weight, planned_at, planned_at as predict_at from checks",
      { code: 'FTI_SPINE_NO_MATCH', message: expect.stringContaining('none of the 400 rows') },
    ],
    [
      'when no key has a feature',
      "select check_id, 'x' as pump, 'x' as backup, weight, planned_at, planned_at as predict_at from checks",
      { code: 'FTI_SPINE_NO_MATCH', message: expect.stringContaining('has a value of any feature group') },
    ],
    ['when it is no SELECT', 'delete from checks', { code: 'FTI_SQL_NOT_SELECT', place: spine }],
    ['when it does not parse', 'select check_id\nfrom from checks', { code: 'FTI_SQL_FAILED', place: `${spine}:2` }],
    [
      'when it fails to run',
      'select check_id, pump, backup, check_id::double as weight, planned_at, planned_at as predict_at from checks',
      { code: 'FTI_SQL_FAILED', place: expect.stringContaining(spine) },
    ],
  ]

  test.each(refusals)('%s', async (_why, sql, expected) => {
    const project = pumps.copy().write(spine, sql)
    await expect(build(project)).rejects.toMatchObject(expected)
  })
})

test('a feature that the published contract does not have is named, with the nearest that it has', async () => {
  const project = pumps.copy().edit('fti.config.yaml', '{ pressure: { type: float64 }', '{ presure: { type: float64 }')
  project.edit('fti.config.yaml', 'pick: [pressure, load]', 'pick: [presure, load]')
  project.edit('fti.config.yaml', 'on: { pump: backup }, pick: [pressure]', 'on: { pump: backup }, pick: [presure]')
  await expect(build(project)).rejects.toMatchObject({
    code: 'FTI_FEATURE_UNKNOWN',
    message: expect.stringContaining('pump_readings.presure'),
    remedy: "did you mean 'pressure'?",
  })
})

test('on-demand code with a mistake is refused before anything is read', async () => {
  const project = PumpProject.create().write(
    'features/hour.ts',
    'export default ({ planned_at }) => ({ hour: planned_at. })\n',
  )
  await expect(build(project)).rejects.toMatchObject({
    code: 'FTI_MODULE_INVALID',
    place: expect.stringMatching(/hour\.ts:1:\d+$/),
  })
})

test('on-demand code that reads the clock is refused', async () => {
  const project = pumps.copy()
  const code = 'export default ({ planned_at }) => ({ hour: (Date.now() - planned_at) / 3600000 })\n'
  writeFileSync(join(project.directory, 'features/hour.ts'), code)
  await expect(build(project)).rejects.toMatchObject({ code: 'FTI_ON_DEMAND_IMPURE' })
})

test('on-demand code that reads the hour of the machine is refused', async () => {
  const project = pumps.copy().edit('features/hour.ts', 'getUTCHours', 'getHours')
  await expect(build(project)).rejects.toMatchObject({ code: 'FTI_ON_DEMAND_IMPURE' })
})

test.each(['checks', 'check_outcomes', 'pump_readings'])('a damaged data file of %s is named', async (group) => {
  const project = await pumps.copy().load()
  const table = tablePath(project.store, group, 1)
  const file = join(table, (await readSnapshot(table))?.files[0]?.path ?? '')
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0x55, 8, 24))
  await expect(build(new PumpProject(project.directory))).rejects.toMatchObject({
    ...{ code: 'FTI_TABLE_CORRUPT', exit: 5, place: file },
    message: expect.stringContaining(`a data file of ${group}@0 is damaged`),
  })
})
