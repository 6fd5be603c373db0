import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Args, Flags } from '@oclif/core'
import { describe, expect, test } from 'vitest'
import { baseErrors, errorCatalogue, exitCode, FtiError, throwIfCancelled } from '../../src/base/index.ts'
import { BaseCommand, toned } from '../../src/cli/index.ts'
import { runCommand } from './run-command.ts'

const trialErrors = errorCatalogue({ FTI_TRIAL_CORRUPT: [exitCode.corrupt, 'A code of this test.'] })

class Trial extends BaseCommand {
  static override summary = 'A command of this test'
  static override args = { mode: Args.string({ default: 'ok' }) }
  static override flags = {
    count: Flags.integer({ default: 1, min: 1 }),
    kind: Flags.string({ options: ['alpha', 'beta'] }),
    all: Flags.boolean({ exclusive: ['kind'] }),
    note: Flags.string({ dependsOn: ['all'] }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Trial)
    if (args.mode === 'bug') throw new TypeError('x is not a function')
    if (args.mode === 'full') throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', path: '/data' })
    if (args.mode === 'cancel')
      throw new FtiError(baseErrors.FTI_INTERRUPTED, { message: 'cancelled', remedy: 'again' })
    if (args.mode === 'expected') {
      throw new FtiError(trialErrors.FTI_TRIAL_CORRUPT, {
        message: 'm\u202ee',
        place: 'a.yaml:3:7',
        remedy: 'delete it',
        detail: 'line\n  ^',
        data: { a: 1 },
      })
    }
    await this.reporter.task('counting', async (task) => {
      task.update(`${flags.count} rows`)
    })
    this.reporter.info('a remark')
    this.reporter.warn('a warning')
    const exit = args.mode === 'refused' ? exitCode.failed : exitCode.done
    await this.present(
      { count: flags.count, directory: this.directory },
      (page) => page.line('count ', toned('good', String(flags.count))),
      exit,
    )
  }
}

/** Works until it is asked to stop, then fails as a room does, or as a library does that knows nothing of us. */
class Patient extends BaseCommand {
  static override args = { mode: Args.string() }

  async run(): Promise<void> {
    const { args } = await this.parse(Patient)
    setImmediate(() => process.emit('SIGINT', 'SIGINT'))
    await new Promise((resolve) => this.signal.addEventListener('abort', resolve))
    if (args.mode === 'library') throw new Error('worker terminated')
    if (args.mode === 'finish') await this.present({}, (page) => page.line('finished'))
    else throwIfCancelled(this.signal)
  }
}

class Action extends Trial {
  static override isAction = true
}

class Plain extends BaseCommand {
  static override flags = {
    input: Flags.string({ required: true, helpValue: 'FILE' }),
    output: Flags.string({ required: true }),
    model: Flags.string(),
  }

  async run(): Promise<void> {
    await this.parse(Plain)
  }
}

class Keyed extends BaseCommand {
  static override args = { group: Args.string({ required: true, description: 'a feature group' }) }
  static override flags = { key: Flags.string({ multiple: true, required: true }) }

  async run(): Promise<void> {
    await this.parse(Keyed)
  }
}

const extra = { action: Action, keyed: Keyed, plain: Plain, patient: Patient, example: Trial, 'feature:example': Trial }
const run = (...args: string[]) => runCommand(args, { extra })

describe('a command that succeeds', () => {
  test('puts data on standard output and talk on standard error', async () => {
    const { stdout, stderr, exit } = await run('example', '--count', '3')
    expect({ stdout, exit }).toEqual({ stdout: 'count 3\n', exit: 0 })
    expect(stderr).toMatch(/✓ counting {2}3 rows/)
    expect(stderr).toContain('a remark\n')
  })

  test('prints one document with --json', async () => {
    const result = await run('example', '--json')
    expect(result.json()).toEqual({ schema: 'fti.example/1', data: { count: 1, directory: process.cwd() } })
  })

  test('names the topic in the schema', async () => {
    expect((await run('feature', 'example', '--json')).json().schema).toBe('fti.feature.example/1')
  })

  test('writes events as one object a line with --log-format json', async () => {
    const { stderr } = await run('example', '--log-format', 'json')
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(events.map(({ event }) => event)).toEqual(['task.start', 'task.update', 'task.done', 'info', 'warn'])
  })

  test('says only warnings with --quiet', async () => {
    expect((await run('example', '--quiet')).stderr).toBe('warning: a warning\n')
  })

  test('that was asked for something answers with --quiet too; one that did something reports only what went wrong', async () => {
    expect((await run('example', '-q')).stdout).toBe('count 1\n')
    expect((await run('action', '-q')).stdout).toBe('')
    expect((await run('action', 'refused', '-q')).stdout).toBe('count 1\n')
    expect((await run('action', '-q', '--json')).json().schema).toBe('fti.action/1')
  })

  test('works in the folder that --chdir names', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fti-cli-'))
    expect((await run('example', '--json', '-C', directory)).json().data).toMatchObject({ directory })
  })

  test('can end with the exit code of bad news', async () => {
    const { stdout, exit } = await run('example', 'refused')
    expect({ stdout, exit }).toEqual({ stdout: 'count 1\n', exit: 1 })
  })
})

describe('the fate of an error', () => {
  test('that is expected: code, place, detail, remedy, no stack, and its own exit code', async () => {
    const { stdout, stderr, exit } = await run('example', 'expected')
    expect(exit).toBe(5)
    expect(stdout).toBe('')
    expect(stderr).toBe('FTI_TRIAL_CORRUPT  m\\u{202e}e\n  at   a.yaml:3:7\n    line\n      ^\n  fix  delete it\n')
  })

  test('that is expected, as a document', async () => {
    const result = await run('example', 'expected', '--json')
    expect(result.json()).toEqual({
      schema: 'fti.error/1',
      error: {
        code: 'FTI_TRIAL_CORRUPT',
        message: 'm\u202ee',
        place: 'a.yaml:3:7',
        remedy: 'delete it',
        detail: 'line\n  ^',
        data: { a: 1 },
      },
    })
    expect(result.stderr).toBe('')
  })

  test('that is a cancellation: one word and 130', async () => {
    const { stderr, exit } = await run('example', 'cancel')
    expect({ stderr, exit }).toEqual({ stderr: 'cancelled\n', exit: 130 })
  })

  test('that is a bug: a stack, how to report it, and 1', async () => {
    const { stderr, exit } = await run('example', 'bug')
    expect(exit).toBe(1)
    expect(stderr).toContain('FTI_BUG  TypeError: x is not a function')
    expect(stderr).toContain('dispatch.test.ts')
    expect(stderr).toContain('report it')
  })

  test('of the operating system: a full disk is no bug', async () => {
    const { stderr, exit } = await run('example', 'full')
    expect(exit).toBe(7)
    expect(stderr).toContain('FTI_DISK_FULL')
  })
})

describe('a wrong command line ends with 2 and', () => {
  test.each([
    ['an unknown command names the nearest', ['exmaple'], 'FTI_COMMAND_UNKNOWN', 'fti example'],
    ['a command followed by arguments too', ['exmaple', 'some_model'], 'FTI_COMMAND_UNKNOWN', 'fti example'],
    ['a command of a topic too', ['feature', 'exmaple'], 'FTI_COMMAND_UNKNOWN', 'fti feature example'],
    ['help about an unknown command', ['exmaple', '--help'], 'FTI_COMMAND_UNKNOWN', 'fti example'],
    ['an unknown flag names the nearest', ['example', '--cuont', '3'], 'FTI_FLAG_UNKNOWN', '--count'],
    ['a flag of another type', ['example', '--count', 'many'], 'FTI_FLAG_INVALID', 'fti example --help'],
    ['a flag without its value', ['example', '--count'], 'FTI_FLAG_INVALID', 'fti example --help'],
    ['a value that is not among the choices', ['example', '--kind', 'c'], 'FTI_FLAG_INVALID', 'fti example --help'],
    ['one argument too many', ['example', 'ok', 'more'], 'FTI_ARGUMENT_UNEXPECTED', 'fti example --help'],
    ['a folder that is none', ['example', '-C', '/nowhere'], 'FTI_DIRECTORY_UNKNOWN', 'folder'],
    ['a flag before the command', ['--count', '3', 'example'], 'FTI_COMMAND_UNKNOWN', 'command first'],
  ])('%s', async (_title, args, code, remedy) => {
    const { exit, stdout, stderr } = await run(...args)
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
    expect(stderr).toContain(code)
    expect(stderr).toContain(remedy)
  })

  test.each([
    ['example --count many', "--count takes a whole number, not 'many'"],
    ['example --count 0', "--count takes a whole number greater than or equal to 1, not '0'"],
    ['example --count', '--count needs a value'],
    ['example --kind alpa', "--kind takes one of alpha, beta, not 'alpa'"],
    ['example --kind', '--kind needs a value: one of alpha, beta'],
    ['example --count 1 --count 2', '--count was given twice'],
    ['example --all --kind alpha', '--kind and --all exclude each other'],
    ['example --note x', '--note goes only together with --all'],
    ['plain', '--input and --output are missing'],
    ['plain in.csv', "fti plain takes no argument 'in.csv'"],
    ['example ok more', "fti example takes no argument 'more'"],
    ['keyed', 'fti keyed needs GROUP (a feature group)'],
  ])('fti %s says it in words of its own', async (line, message) => {
    const { error } = (await run(...line.split(' '), '--json')).json()
    expect(error?.['message']).toBe(message)
    expect(error?.['remedy']).toMatch(/see `fti \w+ --help`$/)
  })

  test.each([
    ['plain', 'add --input FILE --output OUTPUT; '],
    ['plain in.csv', 'write --input in.csv; '],
    ['plain in.csv --input a.csv', 'write --output in.csv; '],
    ['example --kind alpa', 'did you mean --kind alpha?; '],
    ['keyed --key a=1 weather', 'write: fti keyed GROUP --key …; '],
    ['plain some_model', 'write --model some_model; '],
    ['featur exmaple', 'did you mean `fti feature example`?'],
    ['featur example', 'did you mean `fti feature example`?'],
    ['version', 'did you mean `fti --version`?'],
    ['materialize', 'did you mean `fti feature sync`?'],
  ])('fti %s says what to write', async (line, remedy) => {
    const { error } = (await run(...line.split(' '), '--json')).json()
    expect(error?.['remedy']).toContain(remedy)
  })

  test('honours --json even when no command exists', async () => {
    const result = await run('exmaple', '--json')
    expect(result.exit).toBe(2)
    expect(result.json()).toMatchObject({
      schema: 'fti.error/1',
      error: { code: 'FTI_COMMAND_UNKNOWN', data: { nearest: 'example' } },
    })
  })
})

test('a topic alone is help for people, and an error for programs', async () => {
  expect((await run('feature')).exit).toBe(0)
  const result = await run('feature', '--json')
  expect({ exit: result.exit, schema: result.json().schema }).toEqual({ exit: 2, schema: 'fti.error/1' })
})

describe('Ctrl-C', () => {
  test.each(['room', 'library'])('ends a %s between two steps, with 130', async (mode) => {
    const { stdout, stderr, exit } = await run('patient', mode)
    expect({ stdout, exit }).toEqual({ stdout: '', exit: 130 })
    expect(stderr).toContain('press Ctrl-C again')
    expect(stderr).toContain('cancelled')
  })

  test('that comes too late leaves a finished command finished', async () => {
    expect(await run('patient', 'finish')).toMatchObject({ stdout: 'finished\n', exit: 0 })
  })

  test('has its usual effect again once the command is over', async () => {
    const before = process.listenerCount('SIGINT')
    await run('patient')
    expect(process.listenerCount('SIGINT')).toBe(before)
  })
})

describe('help', () => {
  test('lists commands and topics', async () => {
    const { stdout, exit } = await run('--help')
    expect(exit).toBe(0)
    expect(stdout).toContain('A command of this test')
  })

  test('can be asked for with a word too, and knows what is near', async () => {
    expect((await run('help', 'example')).stdout).toBe((await run('example', '--help')).stdout)
    expect((await run('help')).stdout).toBe((await run('--help')).stdout)
    expect((await run('help', 'exmaple')).stderr).toContain('fti example')
  })

  test('of a topic lists its commands', async () => {
    expect((await run('feature')).stdout).toContain('feature example')
  })
})

test('flags of every command may stand before it', async () => {
  const { exit, stdout } = await run('-C', '/', '--json', 'example')
  expect({ exit, document: JSON.parse(stdout) }).toMatchObject({ exit: 0, document: { schema: 'fti.example/1' } })
})

test('-h alone is a question for help', async () => {
  const { exit, stdout } = await run('-h')
  expect(exit).toBe(0)
  expect(stdout).toContain('USAGE')
})
