import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'vitest'

const python = process.env['FTI_TEST_PYTHON'] ?? resolve(import.meta.dirname, '../../.venv/bin/python')
const present = existsSync(python)
if (!present && !process.env['CI'])
  process.stderr.write(`other engines: skipped, there is no Python with test/python/requirements.txt at ${python}\n`)

/** A test that needs other engines. A gate that sees nothing must not pass: in CI the interpreter has to be there. */
export const testWithPython = present || process.env['CI'] ? test : test.skip

/** Runs a script with JSON arguments in `args`; what its last line prints as JSON. */
export function runPython<T>(script: string, ...args: readonly unknown[]): T {
  const program = `import json, sys\nargs = json.loads(sys.argv[1])\n${script}`
  const output = execFileSync(python, ['-c', program, JSON.stringify(args)], { encoding: 'utf8' })
  return JSON.parse(output.trim().split('\n').at(-1) ?? 'null') as T
}
