import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ownDependency } from '../../../src/project/scaffold/own-dependency.ts'

/** A folder in which fti is installed, and whose package.json names it so. */
function installed(spec: string | undefined): { folder: string; root: string } {
  const folder = mkdtempSync(join(tmpdir(), 'fti-own-dependency-'))
  const root = join(folder, 'node_modules', 'fti')
  mkdirSync(root, { recursive: true })
  writeFileSync(join(root, 'package.json'), JSON.stringify({ version: '1.2.3' }))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: spec === undefined ? {} : { fti: spec } }))
  return { folder, root }
}

test('a project made by an fti from a registry asks for it as its neighbour did', async () => {
  expect(await ownDependency(installed('^1.2.0').root)).toEqual({ version: '1.2.3', spec: '^1.2.0' })
})

test('a project made by an fti from a file asks for that file, wherever the project lies', async () => {
  const { folder, root } = installed('file:../fti-1.2.3.tgz')
  expect((await ownDependency(root)).spec).toBe(`file:${join(folder, '..', 'fti-1.2.3.tgz')}`)
})

test('a project made by a global fti asks for its version', async () => {
  expect((await ownDependency(installed(undefined).root)).spec).toBe('^1.2.3')
})

test('a project made from a checkout links to it', async () => {
  const root = join(import.meta.dirname, '../../..')
  expect((await ownDependency(root)).spec).toBe(`file:${root}`)
})
