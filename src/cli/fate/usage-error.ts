import { Errors } from '@oclif/core'
import { didYouMean, FtiError, nearest } from '../../base/index.ts'
import { cliErrors } from './errors.ts'
import { type DeclaredFlags, flagComplaint } from './flag-complaint.ts'

/** What oclif's parser hangs on its errors; their classes are not exported, so they are told apart by name. */
interface ParseFailure {
  readonly message: string
  /** Names of unknown flags. */
  readonly flags?: readonly string[]
  /** Words too many, or arguments that are missing. */
  readonly args?: readonly (string | { readonly name: string; readonly description?: string })[]
  readonly parse?: { readonly input?: { readonly argv?: readonly string[]; readonly flags?: DeclaredFlags } }
}

/** oclif's complaint about the command line as one of ours, or undefined when it is something else. */
export function usageError(error: unknown, command: string | undefined): FtiError | undefined {
  if (!(error instanceof Errors.CLIError)) return undefined
  const failure = error as unknown as ParseFailure
  const name = command?.replaceAll(':', ' ')
  const see = `see \`${name === undefined ? 'fti --help' : `fti ${name} --help`}\``
  if (error.constructor.name === 'NonExistentFlagsError') return unknownFlag(failure, see)
  if (error.constructor.name === 'UnexpectedArgsError') {
    const words = (failure.args ?? []).map(String)
    return unexpectedArgument(name ?? '', words, failure.parse?.input?.flags ?? {}, failure.parse?.input?.argv ?? [])
  }
  if (error.constructor.name === 'RequiredArgsError') return missingArgument(failure, name ?? '', see)
  if (error.constructor.name === 'ArgInvalidOptionError') return invalidArgument(failure.message, see)
  const missing = /^Command (.+) not found\.?/i.exec(error.message)
  if (missing) {
    return new FtiError(cliErrors.FTI_COMMAND_UNKNOWN, {
      message: `there is no command '${missing[1]?.replaceAll(':', ' ')}'`,
      remedy: 'see `fti --help`',
    })
  }
  const { message, remedy } = flagComplaint(error.message, failure.parse?.input?.flags ?? {})
  return new FtiError(cliErrors.FTI_FLAG_INVALID, {
    message,
    remedy: remedy === undefined ? see : `${remedy}; ${see}`,
  })
}

/** Words that a command has no use for. One that was meant for a flag which is still missing is shown behind it. */
export function unexpectedArgument(
  command: string,
  words: readonly string[],
  flags: DeclaredFlags,
  given: readonly string[],
): FtiError {
  const [word = ''] = words
  const open = flagFor(word, flags, given)
  const see = `see \`fti ${command} --help\``
  return new FtiError(cliErrors.FTI_ARGUMENT_UNEXPECTED, {
    message: `fti ${command} takes no argument ${words.map((each) => `'${each}'`).join(', ')}`,
    remedy: open === undefined ? `leave it out; ${see}` : `write --${open} ${word}; ${see}`,
    data: { arguments: words },
  })
}

/** The flag that a word was meant for: a file for one that takes files, any other word rather for the model. */
function flagFor(word: string, flags: DeclaredFlags, given: readonly string[]): string | undefined {
  const open = Object.entries(flags).filter(
    ([name, flag]) => flag.type === 'option' && !given.some((other) => isFlag(other, name)),
  )
  const needed = open.filter(([, flag]) => flag.required === true)
  const isFile = /[/\\]|\.[a-z]+$/i.test(word)
  if (!isFile && needed.some(([, flag]) => flag.helpValue === 'FILE') && open.some(([name]) => name === 'model'))
    return 'model'
  return needed[0]?.[0]
}

function isFlag(word: string, name: string): boolean {
  return word === `--${name}` || word.startsWith(`--${name}=`)
}

function unknownFlag(error: ParseFailure, see: string): FtiError {
  const flags = error.flags ?? []
  const flag = flags[0]?.split('=')[0] ?? ''
  const known = Object.keys(error.parse?.input?.flags ?? {}).map((name) => `--${name}`)
  const near = nearest(flag, known)
  return new FtiError(cliErrors.FTI_FLAG_UNKNOWN, {
    message: `there is no flag ${flags.join(', ')}`,
    remedy: near === undefined ? see : `did you mean ${near}? ${see}`,
    data: { flags },
  })
}

function missingArgument({ args = [], parse }: ParseFailure, command: string, see: string): FtiError {
  const missing = args.flatMap((arg) => (typeof arg === 'string' ? [] : [arg]))
  const names = missing.map(({ name }) => name.toUpperCase())
  // A flag that takes several values takes the arguments behind it too.
  const { argv = [], flags = {} } = parse?.input ?? {}
  const greedy = Object.keys(flags).find((name) => flags[name]?.multiple && argv.some((word) => isFlag(word, name)))
  const what = missing.map(({ description }, index) => `${names[index]}${description ? ` (${description})` : ''}`)
  return new FtiError(cliErrors.FTI_ARGUMENT_MISSING, {
    message: `fti ${command} needs ${what.join(' and ')}`,
    remedy: `write: fti ${command} ${names.join(' ')}${greedy === undefined ? '' : ` --${greedy} …`}; ${see}`,
    data: { missing: missing.map(({ name }) => name) },
  })
}

function invalidArgument(text: string, see: string): FtiError {
  const [, given = '', options = ''] = /^Expected (.*) to be one of: (.*)/.exec(text) ?? []
  return new FtiError(cliErrors.FTI_ARGUMENT_INVALID, {
    message: `'${given}' is not one of ${options}`,
    remedy: `${didYouMean(given, options.split(', '))} ${see}`,
  })
}
