import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
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
  expect(stderr).toContain('--template=flights, or --template=minimal')
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
