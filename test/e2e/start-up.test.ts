import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const bin = join(import.meta.dirname, '../../bin/run.js')

/** Loaded modules by path, as Node itself tells them. */
function modulesOf(args: string[]): string {
  const env = { ...process.env, NODE_DEBUG: 'esm,module' }
  return spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env, cwd: tmpdir(), maxBuffer: 2 ** 28 })
    .stderr
}

const heavy = [
  'duckdb',
  'tensorflow',
  'fastify',
  'lmdb',
  'prom-client',
  'zod',
  'yaml',
  'jiti',
  'esbuild',
  'listr2',
  'inquirer',
  'cli-table3',
]

test.each(['--help', 'train --help', 'help feature run'])('fti %s loads no heavy module', (line) => {
  const modules = modulesOf(line.split(' '))
  expect(modules).toContain('node_modules/@oclif/core')
  expect(heavy.filter((name) => hasLoaded(modules, name))).toEqual([])
})

test('the test above would see a heavy module', () => {
  expect(hasLoaded(modulesOf(['doctor']), 'duckdb')).toBe(true)
})

function hasLoaded(modules: string, name: string): boolean {
  return modules.includes(`node_modules/${name}`) || modules.includes(`node_modules/@${name}`)
}

test('--version loads nothing but Node', () => {
  expect(modulesOf(['--version'])).not.toContain('node_modules')
})
