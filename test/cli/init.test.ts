import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from './run-command.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'fti-init-'))

test('init makes a project and says what to do next', async () => {
  const cwd = folder()
  const { stdout, exit } = await runCommand(['init', 'demo', '--template', 'minimal'], { cwd })
  expect(exit).toBe(0)
  expect(stdout).toContain('cd demo\n  fti feature run\n')
  expect(existsSync(join(cwd, 'demo/fti.config.yaml'))).toBe(true)
})

test('init as a document names every file', async () => {
  const cwd = folder()
  const result = await runCommand(['init', '-t', 'minimal', '--name', 'rentals', '--json'], { cwd })
  expect(result.json()).toMatchObject({ schema: 'fti.init/1', data: { name: 'rentals', template: 'minimal' } })
  expect((result.json().data as { files: string[] }).files).toContain('fti.config.yaml')
})

test('init without a terminal asks nothing: it names the flag and writes nothing', async () => {
  const cwd = folder()
  const { exit, stderr } = await runCommand(['init', 'demo'], { cwd })
  expect(exit).toBe(2)
  expect(stderr).toContain('FTI_ANSWER_NEEDED')
  expect(stderr).toContain('--template=flights, or --template=minimal, or --template=empty')
  expect(readdirSync(cwd)).toEqual([])
})

test('init refuses a folder that is not empty and leaves it as it is', async () => {
  const cwd = folder()
  writeFileSync(join(cwd, 'mine.txt'), '')
  const { exit, stderr } = await runCommand(['init', '--template', 'minimal'], { cwd })
  expect(exit).toBe(2)
  expect(stderr).toContain('FTI_FOLDER_NOT_EMPTY')
  expect(readdirSync(cwd)).toEqual(['mine.txt'])
})

test('init with an unknown template names the nearest', async () => {
  const { exit, stderr } = await runCommand(['init', 'demo', '--template', 'flight'], { cwd: folder() })
  expect(exit).toBe(2)
  expect(stderr).toContain('flights')
})

test('the empty template goes beside data of yours, and the way from there to stored rows is as it says', async () => {
  const cwd = folder()
  writeFileSync(join(cwd, 'README.md'), 'mine')
  writeFileSync(join(cwd, 'levels.csv'), 'sensor_id,measured_at,level\na,2025-01-01T00:00:00Z,1.5\n')
  const made = await runCommand(['init', '--template', 'empty'], { cwd })
  expect(made.stdout).toContain('Next\n  fti feature new NAME --from data.csv\n')
  expect(readFileSync(join(cwd, 'README.md'), 'utf8')).toBe('mine')
  expect((await runCommand(['feature', 'list'], { cwd })).stdout).toContain('No feature group is declared yet')
  const steps = [['check'], ['feature', 'new', 'levels', '--from', 'levels.csv'], ['check'], ['feature', 'run']]
  for (const words of steps) expect(await runCommand(words, { cwd })).toMatchObject({ exit: 0 })
  expect((await runCommand(['sql', 'select level from levels'], { cwd })).stdout).toContain('1.5')
})

test.each(['fti.config.yaml', '.fti'])('the empty template refuses a folder that has a %s already', async (entry) => {
  const cwd = folder()
  mkdirSync(join(cwd, entry))
  const { exit, stderr } = await runCommand(['init', '--template', 'empty'], { cwd })
  expect([exit, stderr]).toEqual([2, expect.stringContaining('FTI_FOLDER_NOT_EMPTY')])
  expect(readdirSync(cwd)).toEqual([entry])
})

test('feature new without a project says how to make one around the data', async () => {
  const { exit, stderr } = await runCommand(['feature', 'new', 'x', '--from', 'x.csv'], { cwd: folder() })
  expect([exit, stderr]).toEqual([2, expect.stringContaining('fti init --template empty')])
})
