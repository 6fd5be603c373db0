import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { examine } from '../../src/operations/index.ts'

const signal = new AbortController().signal
const folder = () => mkdtempSync(join(tmpdir(), 'fti-doctor-test-'))

test('finds Node, DuckDB, the bundled backends and the file system fit', async () => {
  const checks = await examine({ directory: folder(), signal })
  const state = Object.fromEntries(checks.map(({ check, state }) => [check, state]))
  expect(state).toMatchObject({
    Node: 'ok',
    DuckDB: 'ok',
    'backend wasm': 'ok',
    'backend cpu': 'ok',
    'file system': 'ok',
  })
})

test('leaves nothing behind', async () => {
  const directory = folder()
  await examine({ directory, signal })
  expect(readdirSync(directory)).toEqual([])
})

test('a folder without a project is a warning with a remedy, and the other checks still run', async () => {
  const checks = await examine({ directory: folder(), signal })
  const project = checks.find(({ check }) => check === 'project')
  expect(project).toMatchObject({ state: 'warn' })
  expect(project?.remedy).toContain('fti init')
  expect(checks.length).toBeGreaterThanOrEqual(5)
})

test('a broken project file is a failed check with its place', async () => {
  const directory = folder()
  writeFileSync(join(directory, 'fti.config.yaml'), 'project: [')
  const checks = await examine({ directory, signal })
  expect(checks.find(({ check }) => check === 'project')?.place).toMatch(/fti\.config\.yaml:\d+:\d+/)
})

test('a cancelled doctor stops', async () => {
  const cancelled = AbortSignal.abort()
  await expect(examine({ directory: folder(), signal: cancelled })).rejects.toMatchObject({ code: 'FTI_INTERRUPTED' })
})
