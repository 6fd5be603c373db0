import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allCommands, runCommand } from '../cli/run-command.ts'
import { shapeOf } from './shape-of.ts'

const parent = mkdtempSync(join(tmpdir(), 'fti-documents-'))
const cwd = join(parent, 'rentals')

/** In this order on a project from the template `minimal`: every command's document, with the exit code. */
const lines: readonly [line: string, exit: number][] = [
  ['init rentals --template minimal', 0],
  ['check', 0],
  ['plan', 0],
  ['feature test', 0],
  ['feature run', 0],
  ['feature push station_days', 2],
  ['feature new days --from data/rentals.csv --key station --dry-run', 0],
  ['feature list', 0],
  ['feature show station_days', 0],
  ['feature history station_days', 0],
  ['feature profile station_days', 0],
  ['feature diff station_days@0', 0],
  ['feature freshness', 0],
  ['feature get station_days --key station=harbour --key day=2025-04-19', 0],
  ['feature quarantine list', 0],
  ['feature quarantine show station_days', 0],
  ['feature quarantine replay station_days', 0],
  ['feature sync --as-of 2025-04-20T00:00Z', 0],
  ['dataset build', 0],
  ['dataset list', 0],
  ['dataset show busy_day', 0],
  ['dataset path busy_day', 0],
  ['explain row busy_day --row 40', 0],
  ['feature leakcheck', 0],
  ['train', 0],
  ['sql from/**/station_days@0', 0],
  ['parity busy_day@1', 0],
  ['store optimize', 0],
  ['store vacuum', 0],
  ['store verify', 0],
  ['registry list', 0],
  ['registry show busy_day@1', 0],
  ['registry promote busy_day@1 --to champion', 0],
  ['predict --input days.csv --output predictions.csv --now 2025-04-20T00:00Z', 0],
  ['registry log busy_day', 0],
  ['registry verify', 0],
  ['registry rollback busy_day', 0],
  ['feature retire station_days@v1', 1],
  ['feature forget station_days --key station=harbour --key day=2025-04-19', 0],
  ['apply', 0],
  ['run', 0],
  ['status', 0],
  ['runs list', 0],
  ['runs show', 0],
  ['generate cron', 0],
  ['generate systemd', 0],
  ['generate github', 0],
  ['docs build', 0],
  ['doctor', 0],
]

/** Runs until it is stopped, and prints no document. */
const without = ['serve']

test.each(lines)('fti %s --json ends with %i and its document has the form of the snapshot', async (line, exit) => {
  const words = line.split(' ')
  if (words[0] === 'predict')
    writeFileSync(join(cwd, 'days.csv'), 'station,yesterday,rain_forecast\nharbour,2025-04-19,0.5\n')
  if (line === 'runs show') words.push(await newestRun())
  const result = await runCommand([...words, '--json'], { cwd: words[0] === 'init' ? parent : cwd })
  expect(result.exit, result.stdout).toBe(exit)
  const { schema, ...rest } = result.json()
  const command = commandOf(words)
  if (command === 'registry:log') await secondChampion()
  expect(schema).toMatch(new RegExp(`^fti\\.(${command.replaceAll(':', '\\.')}|error)/\\d+$`))
  const file = `documents/${command.replaceAll(':', '-')}.json`
  await expect(`${JSON.stringify({ schema, ...(shapeOf(rest) as object) }, null, 2)}\n`).toMatchFileSnapshot(file)
})

async function newestRun(): Promise<string> {
  const { runs } = (await runCommand(['runs', 'list', '--json'], { cwd })).json().data as { runs: { id: string }[] }
  return runs[0]?.id ?? ''
}

/** Something to roll back from. */
async function secondChampion(): Promise<void> {
  expect((await runCommand(['train'], { cwd })).exit).toBe(0)
  const { exit, stderr } = await runCommand(['registry', 'promote', 'busy_day@2', '--to', 'champion'], { cwd })
  expect(exit, stderr).toBe(0)
}

const ids = Object.keys(await allCommands())

function commandOf(words: readonly string[]): string {
  const paths = [3, 2, 1].map((length) => words.slice(0, length).join(':'))
  return paths.find((path) => ids.includes(path)) ?? ''
}

test('every command has its line above', () => {
  const covered = new Set([...lines.map(([line]) => commandOf(line.split(' '))), ...without])
  expect(ids.filter((id) => !covered.has(id))).toEqual([])
})
