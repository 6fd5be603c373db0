import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'vitest'
import { isNeeded } from '../servers/needed.ts'

const python = process.env['FTI_TEST_PYTHON'] ?? resolve(import.meta.dirname, '../../.venv/bin/python')

/** A Python with test/python/requirements.txt, in which other engines read and write our tables. */
export const hasPython = isNeeded(python, existsSync(python))
export const testWithPython = hasPython ? test : test.skip

/** Runs a script with JSON arguments in `args`; what its last line prints as JSON. */
export function runPython<T>(script: string, ...args: readonly unknown[]): T {
  // Leaves without unloading: threads of delta-rs that still run at that moment abort Python now and then, its work done.
  const leave = 'import os\nsys.stdout.flush()\nos._exit(0)'
  const program = `import json, sys\nargs = json.loads(sys.argv[1])\n${script}\n${leave}`
  const output = execFileSync(python, ['-c', program, JSON.stringify(args)], { encoding: 'utf8' })
  return JSON.parse(output.trim().split('\n').at(-1) ?? 'null') as T
}
