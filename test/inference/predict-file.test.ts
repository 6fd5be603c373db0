import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEngine, quoteText } from '../../src/engine/index.ts'
import { type BatchRequest, predictFile } from '../../src/inference/index.ts'
import { noon, registerVersion } from '../scoring/registered-version.ts'
import { instance, openSite, post, type Site } from './serving.ts'

let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

const path = (name: string) => join(site.directory, name)
function predict(input: string, output: string, more: Partial<BatchRequest> = {}) {
  return predictFile({
    registry: site.registry,
    online: site.online,
    model: 'late_departure',
    version: 1,
    input: path(input),
    output: path(output),
    now: new Date(noon),
    onUnknownEntity: 'impute',
    tempDirectory: path('tmp'),
    task: { update: () => undefined },
    ...more,
  })
}

const rows = [
  { id: 'a', ...instance },
  { id: 'b', ...instance, distance: 500.5, tailnum: 'N404' },
  { id: 'c', ...instance, carrier: 'Ünï,"q"', stops: -1, scheduled_at: null },
]
const header = Object.keys(rows[0] ?? {}).join(',')
const cell = (value: unknown) =>
  value === null ? '' : /[",]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value)
const csvOf = (all: readonly object[]) =>
  `${[header, ...all.map((row) => Object.values(row).map(cell).join(','))].join('\n')}\n`
const ndjsonOf = (all: readonly object[]) => all.map((row) => `${JSON.stringify(row)}\n`).join('')

/** Runs SQL beside the room, in an engine that sees the site's folder. */
async function sql(text: string): Promise<object[]> {
  const engine = await openEngine({ tempDirectory: path('tmp'), allowedDirectories: [site.directory] })
  try {
    if (text.startsWith('COPY')) await engine.execute(text)
    return text.startsWith('COPY') ? [] : await engine.rows(text)
  } finally {
    await engine.close()
  }
}
const parquetOf = (name: string, select: string) => sql(`COPY (${select}) TO ${quoteText(path(name))} (FORMAT parquet)`)

const typed = `SELECT id, origin, tailnum, carrier, CAST(distance AS DOUBLE) AS distance, CAST(stops AS INTEGER) AS stops,
  CAST(scheduled_at AS TIMESTAMPTZ) AS scheduled_at FROM read_csv(`

async function served(): Promise<number[]> {
  const server = await site.start()
  const instances = rows.map(({ id: _, ...rest }) => rest)
  const { body } = await post(server, { instances })
  await server.close()
  return body.predictions.map(({ probability }: { probability: number }) => probability)
}

beforeAll(async () => {
  writeFileSync(path('in.csv'), csvOf(rows))
  writeFileSync(path('in.csv.gz'), gzipSync(csvOf(rows)))
  writeFileSync(path('in.ndjson'), ndjsonOf(rows))
  await parquetOf('in.parquet', `${typed}${quoteText(path('in.csv'))}, nullstr = '')`)
})

describe('a file', () => {
  test.each(['in.csv', 'in.csv.gz', 'in.ndjson', 'in.parquet'])(
    '%s gets the answers that its rows would get as a request',
    async (input) => {
      const expected = await served()
      for (const output of ['out.csv', 'out.ndjson', 'out.parquet']) {
        const result = await predict(input, output)
        expect(result).toMatchObject({ model: 'late_departure@1', rows: 3, imputed: 1, output: path(output) })
        const read = output.endsWith('parquet') ? 'read_parquet' : output.endsWith('csv') ? 'read_csv' : 'read_json'
        const found = await sql(
          `SELECT id, carrier, probability, model, warnings FROM ${read}(${quoteText(path(output))})`,
        )
        expect(found).toEqual(
          rows.map(({ id, carrier }, i) => ({
            ...{ id, carrier, probability: expected[i], model: 'late_departure@1' },
            warnings: id === 'b' ? 'FTI_ENTITY_UNKNOWN aircraft' : null,
          })),
        )
      }
    },
  )

  test('of csv becomes typed columns in parquet', async () => {
    await predict('in.csv', 'typed.parquet')
    const types = await sql(
      `SELECT column_name AS name, column_type AS type FROM (DESCRIBE SELECT * FROM ${quoteText(path('typed.parquet'))})`,
    )
    expect(types).toContainEqual({ name: 'distance', type: 'DOUBLE' })
    expect(types).toContainEqual({ name: 'scheduled_at', type: 'TIMESTAMP WITH TIME ZONE' })
  })

  test('of csv keeps its text as it is in csv', async () => {
    writeFileSync(path('text.csv'), `${header}\n007,EWR,N1,UA,1400.00,0,2013-12-12T14:30:00+01:00\n`)
    await predict('text.csv', 'text-out.csv')
    expect(readFileSync(path('text-out.csv'), 'utf8').split('\n')[1]).toMatch(
      /^007,EWR,N1,UA,1400\.00,0,2013-12-12T14:30:00\+01:00,0\.\d+/,
    )
  })

  test('of csv loses no row that looks like a comment', async () => {
    const many = Array.from({ length: 50 }, (_, i) => ({ ...rows[0], id: `#${i}` }))
    writeFileSync(path('hash.csv'), csvOf([...many, rows[0] ?? {}]))
    expect(await predict('hash.csv', 'hash-out.csv')).toMatchObject({ rows: 51 })
  })

  test('may have times without seconds', async () => {
    writeFileSync(
      path('minutes.csv'),
      csvOf(['T13:30Z', 'T14:30+01:00'].map((time) => ({ ...rows[0], scheduled_at: `2013-12-12${time}` }))),
    )
    await predict('minutes.csv', 'minutes.parquet')
    expect(await sql(`SELECT DISTINCT scheduled_at AS at FROM ${quoteText(path('minutes.parquet'))}`)).toEqual([
      { at: '2013-12-12T13:30:00.000Z' },
    ])
  })

  test('is the one of that name, and none that its brackets would match', async () => {
    writeFileSync(path('in[1].csv'), csvOf(rows))
    writeFileSync(path('in1.csv'), 'another file')
    expect(await predict('in[1].csv', 'brackets.csv')).toMatchObject({ rows: 3 })
  })

  test('of many rows keeps their order', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ({ ...rows[0], id: String(i), distance: i % 6000 }))
    writeFileSync(path('many.ndjson'), ndjsonOf(many))
    expect(await predict('many.ndjson', 'many-out.parquet')).toMatchObject({ rows: 20_000 })
    const found = await sql(
      `SELECT count(*) AS n FROM (SELECT id, row_number() OVER () - 1 AS i FROM ${quoteText(path('many-out.parquet'))}) WHERE CAST(id AS BIGINT) <> i`,
    )
    expect(found).toEqual([{ n: 0 }])
  })
})

const csv = (changes: object) => csvOf([rows[0] ?? {}, { ...rows[0], ...changes }])
const json = (changes: object) => ndjsonOf([rows[0] ?? {}, { ...rows[0], ...changes }])
const bad: [what: string, name: string, text: () => string | Buffer, message: RegExp][] = [
  [
    'for text where a number belongs',
    'bad.csv',
    () => csv({ distance: 'far' }),
    /1 row does not fit the model; row 2: distance must be a number/,
  ],
  [
    'for a string of digits in ndjson',
    'bad.ndjson',
    () => json({ distance: '1400' }),
    /row 2: distance must be a number/,
  ],
  [
    'for 1e999 in ndjson',
    'bad.ndjson',
    () => json({ distance: 1 }).replace('"distance":1,', '"distance":1e999,'),
    /row 2: distance must be a finite number/,
  ],
  ['for inf in csv', 'bad.csv', () => csv({ distance: 'inf' }), /distance must be a number/],
  [
    'for a value out of range',
    'bad.csv',
    () => csv({ distance: 6001 }),
    /row 2: distance must be at least 0 and at most 6000/,
  ],
  ['for a fraction in an integer', 'bad.csv', () => csv({ stops: '1.5' }), /row 2: stops must be a whole number/],
  [
    'for a time without a zone',
    'bad.ndjson',
    () => json({ scheduled_at: '2013-12-12 13:30:00' }),
    /row 2: scheduled_at must be an ISO 8601/,
  ],
  ['for a missing column', 'bad.csv', () => csv({}).replace('distance', 'distanse'), /has no column 'distance'/],
  [
    'for a column that the output needs',
    'bad.csv',
    () => csv({}).replace(/^id/, 'probability'),
    /has a column 'probability' already/,
  ],
  ['without rows', 'bad.csv', () => `${header}\n`, /has no rows/],
  ['with ragged rows', 'bad.csv', () => `${csv({})}x,y\n`, /bad\.csv cannot be read/],
  [
    'with a column that the output needs, in other letters',
    'bad.csv',
    () => csv({}).replace(/^id/, 'Model'),
    /has a column 'Model' already/,
  ],
  ['in Latin-1', 'bad.csv', () => Buffer.from(csv({ carrier: 'é' }), 'latin1'), /bad\.csv is not UTF-8/],
  ['cut off in its gzip', 'bad.csv.gz', () => gzipSync(csv({})).subarray(0, -9), /bad\.csv\.gz is cut off/],
  ['of no bytes', 'bad.ndjson', () => '', /bad\.ndjson is empty/],
  ['of another kind', 'bad.txt', () => 'x', /not a csv, ndjson or parquet file/],
]

describe('a file is refused, and no output is left,', () => {
  test.each(bad)('%s', async (_what, name, text, message) => {
    writeFileSync(path(name), text())
    await expect(predict(name, 'refused.csv')).rejects.toMatchObject({
      code: 'FTI_INPUT_INVALID',
      message: expect.stringMatching(message),
    })
    expect(readdirSync(site.directory).filter((found) => /refused|staging/.test(found))).toEqual([])
  })

  test('and the first ten bad rows are named, the others counted', async () => {
    writeFileSync(path('bad.csv'), csvOf(Array.from({ length: 30 }, () => ({ ...rows[0], stops: 'x' }))))
    const error = await predict('bad.csv', 'refused.csv').catch(
      (caught: unknown) => caught as { message: string; detail: string },
    )
    expect(error).toMatchObject({ message: expect.stringMatching(/^30 rows do not fit/) })
    expect((error as { detail: string }).detail.split('\n')).toHaveLength(10)
  })

  test('for a parquet column of another type', async () => {
    await parquetOf(
      'bad.parquet',
      `SELECT * REPLACE (CAST(distance AS VARCHAR) AS distance) FROM ${quoteText(path('in.parquet'))}`,
    )
    await expect(predict('bad.parquet', 'refused.csv')).rejects.toThrow(
      "column 'distance' of bad.parquet is VARCHAR, the model takes float64",
    )
  })

  test('for a parquet timestamp without a zone', async () => {
    await parquetOf(
      'bad.parquet',
      `SELECT * REPLACE (CAST(scheduled_at AS TIMESTAMP) AS scheduled_at) FROM ${quoteText(path('in.parquet'))}`,
    )
    await expect(predict('bad.parquet', 'refused.csv')).rejects.toMatchObject({
      remedy: expect.stringContaining('UTC'),
    })
  })

  test('that is not there, with one that is', async () => {
    for (const name of ['in.cvs.csv', '*.csv']) {
      await expect(predict(name, 'refused.csv')).rejects.toMatchObject({
        code: 'FTI_INPUT_INVALID',
        message: `there is no file ${name}`,
      })
    }
    await expect(predict('inn.csv', 'refused.csv')).rejects.toMatchObject({ remedy: "did you mean 'in.csv'?" })
  })

  test('for a row that the on-demand code of the model refuses', async () => {
    const picky = `export default (row) => { if (row.scheduled_at === null) throw new Error('no time'); return { hour: 1 } }`
    const version = await registerVersion(site.registry, { files: { 'on-demand.mjs': picky }, tag: undefined })
    await expect(predict('in.csv', 'refused.csv', { version })).rejects.toMatchObject({
      code: 'FTI_INPUT_INVALID',
      place: expect.stringMatching(/in\.csv, row 3$/),
    })
  })

  test('for an entity that was never seen, when those are refused', async () => {
    await expect(predict('in.csv', 'refused.csv', { onUnknownEntity: 'refuse' })).rejects.toMatchObject({
      code: 'FTI_ENTITY_UNKNOWN',
      place: expect.stringContaining('in.csv, row 2'),
    })
  })
})

describe('an output', () => {
  test.each([
    ['that is the input', 'in.csv'],
    ['of a format that is not written', 'out.xlsx'],
    ['that is a folder', 'registry'],
    ['that is the input by another name', 'link.csv'],
  ])('%s is refused before anything is computed', async (_what, output) => {
    if (output === 'link.csv') symlinkSync(path('in.csv'), path(output))
    const before = readFileSync(path('in.csv'), 'utf8')
    await expect(predict('in.csv', output)).rejects.toMatchObject({ code: 'FTI_OUTPUT_REFUSED', exit: 2 })
    expect(readFileSync(path('in.csv'), 'utf8')).toBe(before)
  })

  test('is not followed by what a killed run left beside it', async () => {
    const dead = { pid: 1, host: hostname(), startedAt: '', boot: 'before' }
    mkdirSync(path('out/.staging-20130101t000000000-aaaaaaaaaa'), { recursive: true })
    writeFileSync(path('out/.staging-20130101t000000000-aaaaaaaaaa/.owner'), JSON.stringify(dead))
    await predict('in.csv', 'out/new.csv')
    expect(readdirSync(path('out'))).toEqual(['new.csv'])
  })

  test('that exists stays when the run is cancelled', async () => {
    writeFileSync(path('kept.csv'), 'before')
    await expect(predict('in.csv', 'kept.csv', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'FTI_INTERRUPTED',
    })
    expect(readFileSync(path('kept.csv'), 'utf8')).toBe('before')
  })
})

describe('a member that a row of ndjson leaves out', () => {
  const without = (name: keyof typeof instance) => {
    const { [name]: _, ...rest } = rows[1] as Record<string, unknown>
    return rest
  }

  test('is missing, as in a request: the row and the field are named, and nothing is written', async () => {
    writeFileSync(path('absent.ndjson'), ndjsonOf([rows[0] as object, without('distance'), without('origin')]))
    const asked = predict('absent.ndjson', 'absent.csv')
    await expect(asked).rejects.toMatchObject({
      code: 'FTI_INPUT_INVALID',
      message: '2 rows do not fit the model; row 2: distance is missing; send null when it is not known',
      detail: expect.stringContaining('row 3: origin is missing'),
    })
    expect(readdirSync(site.directory)).not.toContain('absent.csv')
  })

  test('is not the same as null, which means "not known" and is predicted', async () => {
    writeFileSync(path('null.ndjson'), ndjsonOf([rows[0] as object, { ...rows[1], distance: null }]))
    expect(await predict('null.ndjson', 'null.csv')).toMatchObject({ rows: 2 })
  })

  test('may be any other: a column that the model does not take is carried along where it is', async () => {
    const { id: _, ...plain } = rows[1] as Record<string, unknown>
    writeFileSync(path('other.ndjson'), ndjsonOf([rows[0] as object, plain]))
    expect(await predict('other.ndjson', 'other.csv')).toMatchObject({ rows: 2 })
  })
})

test('missing columns are all named, with what the model takes and the column that may be meant', async () => {
  const renamed = csvOf(rows).replace('distance', 'distanse').replace('stops', 'number')
  writeFileSync(path('renamed.csv'), renamed)
  await expect(predict('renamed.csv', 'out.csv')).rejects.toMatchObject({
    code: 'FTI_INPUT_INVALID',
    message: "renamed.csv has no columns 'distance', 'stops'",
    remedy:
      "the model takes origin, tailnum, carrier, distance, stops, scheduled_at; is its column 'distanse' meant to be 'distance'?",
  })
})
