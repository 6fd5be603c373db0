import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { QueryResult } from '../../src/feature/index.ts'
import { flightsCsv, TemporaryProject } from '../feature/temporary-project.ts'
import { runCommand } from './run-command.ts'

let project: TemporaryProject
let between: string

/** Two snapshots: in the second the delay of JFK at five is corrected, and one row is new. */
beforeEach(async () => {
  project = new TemporaryProject()
  await project.run()
  between = await new Promise((after) => setTimeout(() => after(new Date().toISOString()), 5))
  await new Promise((after) => setTimeout(after, 5))
  project.write('data/flights.csv', `${flightsCsv.replace('2.5', '99')}LGA,2013-01-01T07:00:00Z,1\n`)
  await project.run()
})

const run = (...words: string[]) => runCommand(['sql', ...words], { cwd: project.folder })

async function rows(sql: string): Promise<unknown[][]> {
  const result = await run(sql, '--json')
  expect(result.exit, result.stdout).toBe(0)
  return (result.json().data as QueryResult).rows.map((row) => Object.values(row))
}

describe('a query', () => {
  test('sees the latest value per key and event time', async () => {
    expect(await rows('select origin, delay from delays order by "at", origin')).toEqual([
      ['EWR', -4],
      ['JFK', 99],
      ['JFK', 10],
      ['LGA', 1],
    ])
  })

  test('sees an older snapshot by its number or by a moment', async () => {
    expect(await rows('select sum(delay) from delays@0')).toEqual([[8.5]])
    expect(await rows(`select sum(d.delay) from delays@{${between}} d`)).toEqual([[8.5]])
    expect(await rows('select count(*) from delays@1 n anti join delays@0 o using (origin, "at")')).toEqual([[1]])
  })

  test('sees every stored row, with its system columns, as history', async () => {
    const sql = (table: string) => `select delay, _sequence from ${table} where origin = 'JFK' order by _sequence`
    expect(await rows(sql('delays__history'))).toEqual([
      [2.5, 2],
      [10, 3],
      [99, 4],
    ])
    expect(await rows(sql('delays__history@0'))).toHaveLength(2)
  })

  test('takes @ in texts, comments and quoted names for what it is there', async () => {
    const sql = `/* delays@9 */ select 'delays@9' as text, 1 as "delays@9" -- delays@9\nfrom "delays"@0 limit 1`
    expect(await rows(sql)).toEqual([['delays@9', 1]])
  })

  test('is shown as a table that says when there is more, with the snapshots in its document', async () => {
    const { stdout } = await run('select origin, "at" from delays order by "at", origin', '--limit', '2')
    expect(stdout).toMatch(/^origin +at\nEWR +2013-01-01T05:00:00\.000Z\nJFK +2013-01-01T05:00:00\.000Z\n/)
    expect(stdout).toContain('the first 2 rows')
    const { data } = (await run('from delays@0', '--json', '--limit', '3')).json()
    expect(data).toMatchObject({
      columns: [
        { name: 'origin', type: 'VARCHAR' },
        { name: 'at', type: 'TIMESTAMP WITH TIME ZONE' },
        { name: 'delay', type: 'DOUBLE' },
      ],
      truncated: false,
      tables: { 'delays@0': { group: 'delays', contractVersion: 1, snapshot: 0 } },
    })
  })
})

describe('all rows', () => {
  test('go to standard output as csv or ndjson', async () => {
    const sql = `select origin, "at", delay / 0 as broken from delays@0 where origin = 'EWR'`
    expect((await run(sql, '--format', 'csv')).stdout).toBe('origin,at,broken\nEWR,2013-01-01T05:00:00.000Z,-inf\n')
    expect((await run(sql, '--format', 'ndjson')).stdout).toBe(
      '{"origin":"EWR","at":"2013-01-01T05:00:00.000Z","broken":null}\n',
    )
  })

  test('go to a file, which appears whole', async () => {
    const { stdout, exit } = await run('from delays', '--format', 'parquet', '--output', 'out/delays.parquet')
    expect([exit, stdout]).toEqual([0, '4 rows in out/delays.parquet\n'])
    expect(readFileSync(join(project.folder, 'out/delays.parquet')).subarray(0, 4).toString()).toBe('PAR1')
    expect(readdirSync(join(project.folder, 'out'))).toEqual(['delays.parquet'])
    expect(readdirSync(join(project.folder, '.fti/tmp'))).toEqual([])
  })
})

describe('refused, and nothing is changed:', () => {
  test.each([
    ['drop table delays', 2, 'FTI_SQL_NOT_SELECT'],
    ['select 1; select 2', 2, 'FTI_SQL_NOT_SELECT'],
    ["copy (select 1) to 'x.csv'", 2, 'FTI_SQL_NOT_SELECT'],
    ["from read_csv('data/flights.csv')", 2, 'FTI_SQL_READS_FILES'],
    ["from 'data/flights.csv'", 2, 'FTI_SQL_READS_FILES'],
    ["from read_parquet('store/**/*.parquet')", 2, 'FTI_SQL_READS_FILES'],
    ["from query('select 1')", 2, 'FTI_SQL_READS_FILES'],
    ["select content from read_text('/etc/passwd')", 2, 'FTI_SQL_READS_FILES'],
    ['from flights', 2, 'FTI_GROUP_UNKNOWN'],
    ['from delay', 2, 'FTI_GROUP_UNKNOWN'],
    ['from delays@7', 2, 'FTI_SNAPSHOT_UNKNOWN'],
    ['from delays@{yesterday}', 2, 'FTI_TIME_INVALID'],
    ['select nothing from delays', 1, 'FTI_SQL_FAILED'],
    ['select from where', 1, 'FTI_SQL_FAILED'],
  ])('%s', async (sql, exit, code) => {
    const result = await run(sql, '--json')
    expect([result.exit, result.json().error?.['code']]).toEqual([exit, code])
    expect(result.json().error?.['remedy']).toBeTruthy()
    expect(existsSync(join(project.folder, 'x.csv'))).toBe(false)
    expect(await rows('select count(*) from delays')).toEqual([[4]])
  })

  test.each(['--output x.csv', '--format xlsx', '--format csv --limit 3', '--limit 0'])('%s', async (flags) => {
    const result = await run('from delays', ...flags.split(' '), '--json')
    expect([result.exit, result.json().error?.['code']]).toEqual([2, 'FTI_FLAG_INVALID'])
  })
})
