import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

const bin = join(import.meta.dirname, '../../bin/run.js')
const cwd = mkdtempSync(join(tmpdir(), 'fti-bin-'))
const fti = (args: string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', cwd, env: { ...process.env, ...env }, input: '' })

describe('the program', () => {
  test.each(['--version', '-v'])('%s answers with name, version and platform', (flag) => {
    const { stdout, status } = fti([flag])
    expect(stdout).toMatch(/^fti\/\d+\.\d+\.\d+ \w+-\w+ node-v\d+\.\d+\.\d+\n$/)
    expect(status).toBe(0)
  })

  test('--help lists the commands', () => {
    const { stdout, stderr, status } = fti(['--help'])
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    expect(stdout).toContain('doctor')
    expect(stdout).toContain('generate')
  })

  test('help of a command shows its flags and the shared ones', () => {
    const { stdout, status } = fti(['help', 'generate', 'cron'])
    expect(status).toBe(0)
    expect(stdout).toContain('--every')
    expect(stdout).toContain('--json')
  })

  test('an unknown command names the nearest on standard error and ends with 2', () => {
    const { stdout, stderr, status } = fti(['docter'])
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
    expect(stderr).toContain('FTI_COMMAND_UNKNOWN')
    expect(stderr).toContain('fti doctor')
  })

  test('an unknown command is one document with --json', () => {
    const { stdout, stderr, status } = fti(['docter', '--json'])
    expect(status).toBe(2)
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'fti.error/1', error: { code: 'FTI_COMMAND_UNKNOWN' } })
    expect(stderr).toBe('')
  })

  test('writes no escape sequence without a terminal', () => {
    const { stdout, stderr } = fti(['doctor'])
    expect(stdout + stderr).not.toContain('\u001b')
    expect(stdout).toContain('DuckDB')
  })

  test('takes nothing from a pipe that belongs to someone else', async () => {
    const child = spawn(process.execPath, [bin, 'generate', 'cron'], { cwd, stdio: ['pipe', 'ignore', 'pipe'] })
    child.stdin.write('flights\n')
    const [code] = await once(child, 'close')
    expect(code).toBe(2)
  })
})

describe('on a terminal', () => {
  /** Runs the program on a pseudo terminal, types `keys` when `until` has appeared, resolves with all that was shown. */
  async function onTerminal(args: string, until: string, keys: string): Promise<{ shown: string; code: number }> {
    const command = `'${process.execPath}' '${bin}' ${args}`
    const child = spawn('script', ['-qefc', command, '/dev/null'], { cwd, env: { ...process.env, TERM: 'xterm' } })
    let shown = ''
    let typed = false
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString()
      if (typed || !shown.includes(until)) return
      typed = true
      child.stdin.write(keys)
    })
    const [code] = (await once(child, 'close')) as [number]
    return { shown, code }
  }

  test('init asks for the template and takes the arrow keys', async () => {
    const { shown, code } = await onTerminal('init asked', 'Which template?', '\u001b[B\r')
    expect(code).toBe(0)
    expect(shown).toContain('from the template minimal')
  })

  test('Ctrl-C inside a question is a cancellation', async () => {
    const { shown, code } = await onTerminal('init never', 'Which template?', '\u0003')
    expect(code).toBe(130)
    expect(shown).toContain('cancelled')
    expect(shown).not.toContain('FTI_BUG')
  })
})

describe('standard output', () => {
  test('that is closed by its reader is no error', async () => {
    const command = `'${process.execPath}' '${bin}' --help | head -c 1; echo "\${PIPESTATUS[0]}"`
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command], { cwd })
    expect(stdout).toMatch(/^.0\n$/)
    expect(stderr).toBe('')
  })

  test('on a full disk ends with 7', () => {
    const { stderr, status } = spawnSync('bash', ['-c', `'${process.execPath}' '${bin}' doctor --json > /dev/full`], {
      encoding: 'utf8',
      cwd,
    })
    expect(stderr).toContain('FTI_OUTPUT_FAILED')
    expect(status).toBe(7)
  })
})
