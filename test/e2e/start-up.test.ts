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

test('--help costs at most 5.5 times the CPU of bare Node', () => {
  const help = leastCpu([bin, '--help'])
  const bare = leastCpu(['-e', '0'])
  process.stderr.write(`--help: ${help / 1000} ms of CPU, ${(help / bare).toFixed(2)} times bare node\n`)
  expect(help / bare).toBeLessThan(5.5)
})

/** Microseconds of CPU, user and system; the least of some runs, since other work on the machine only adds to it. */
function leastCpu(args: string[]): number {
  const onExit = `process.on('exit',()=>{const{user,system}=process.cpuUsage();process.stderr.write('cpu='+(user+system))})`
  const hook = `data:text/javascript,${encodeURIComponent(onExit)}`
  const runs = Array.from({ length: 7 }, () => {
    const { stderr } = spawnSync(process.execPath, ['--import', hook, ...args], { encoding: 'utf8', cwd: tmpdir() })
    return Number(/cpu=(\d+)/.exec(stderr)?.[1])
  })
  return Math.min(...runs)
}
