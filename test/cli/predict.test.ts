import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { instance, openSite, post, type Site } from '../inference/serving.ts'
import { noon } from '../scoring/registered-version.ts'
import { type CommandResult, runCommand } from './run-command.ts'

let site: Site
const write = (name: string, text: string) => writeFileSync(join(site.directory, name), text)
const now = new Date(noon).toISOString()
const header = Object.keys(instance).join(',')
const row = Object.values(instance).join(',')

beforeAll(async () => {
  site = await openSite()
  write('fti.config.yaml', 'project: airport\nregistry: registry\nonline: online\n')
  write('in.csv', `${header}\n${row}\n${row.replace('N1', 'N404')}\n`)
  write('bad.csv', `${header}\n${row}\n${row.replace('1400', 'far')}\n`)
})
afterAll(() => site.close())

function predict(...words: string[]): Promise<CommandResult> {
  const flags = { '--model': 'late_departure@champion', '--now': now }
  const missing = Object.entries(flags).filter(([name]) => !words.includes(name))
  return runCommand(['predict', ...missing.flat(), ...words], { cwd: site.directory })
}

test('predict writes what the server answers, and says how many rows had features imputed', async () => {
  const { exit, stdout, stderr } = await predict('--input', 'in.csv', '--output', 'out.ndjson')
  expect([exit, stdout]).toEqual([
    0,
    `2 rows predicted by late_departure@1 in ${join(site.directory, 'out.ndjson')}, 1 with imputed features\n`,
  ])
  expect(stderr).toContain('predict with late_departure@1')
  const server = await site.start()
  const { body } = await post(server, { instances: [instance, { ...instance, tailnum: 'N404' }] })
  const written = readFileSync(join(site.directory, 'out.ndjson'), 'utf8').trim().split('\n')
  expect(written.map((line) => JSON.parse(line).probability)).toEqual(
    body.predictions.map(({ probability }: { probability: number }) => probability),
  )
})

test('--json is one document', async () => {
  const result = await predict('--input', 'in.csv', '--output', 'out.parquet', '--json')
  expect(result.json()).toEqual({
    schema: 'fti.predict/1',
    data: { model: 'late_departure@1', output: join(site.directory, 'out.parquet'), rows: 2, imputed: 1 },
  })
})

const refused: [what: string, words: string[], exit: number, parts: string[]][] = [
  [
    'a bad row',
    ['--input', 'bad.csv', '--output', 'no.csv'],
    1,
    ['FTI_INPUT_INVALID', 'bad.csv, row 2', 'distance must be a number'],
  ],
  ['a file that is not there', ['--input', 'im.csv', '--output', 'no.csv'], 1, ["did you mean 'in.csv'?"]],
  [
    'an unknown entity',
    ['--input', 'in.csv', '--output', 'no.csv', '--on-unknown-entity', 'refuse'],
    1,
    ['FTI_ENTITY_UNKNOWN', 'row 2'],
  ],
  ['an output that is the input', ['--input', 'in.csv', '--output', 'in.csv'], 2, ['FTI_OUTPUT_REFUSED']],
  [
    'a moment before the sync',
    ['--input', 'in.csv', '--output', 'no.csv', '--now', '2013-01-01'],
    2,
    ['FTI_REPLAY_TOO_EARLY'],
  ],
  [
    'a tag that does not exist',
    ['--input', 'in.csv', '--output', 'no.csv', '--model', 'late_departure@champ'],
    2,
    ["did you mean 'champion'?"],
  ],
]

test.each(refused)('predict refuses %s, writes nothing and says what to do', async (_what, words, exit, parts) => {
  const before = readdirSync(site.directory)
  const result = await predict(...words)
  expect(result.exit).toBe(exit)
  for (const part of [...parts, 'fix']) expect(result.stderr).toContain(part)
  expect(result.stderr).not.toMatch(/\n\s+at .*\.ts:/)
  expect(readdirSync(site.directory)).toEqual(before)
})

test('predict asks which model is meant where the project does not say', async () => {
  const { exit, stderr } = await runCommand(['predict', '--input', 'in.csv', '--output', 'no.csv'], {
    cwd: site.directory,
  })
  expect([exit, stderr]).toEqual([2, expect.stringContaining('FTI_MODEL_UNNAMED')])
})
