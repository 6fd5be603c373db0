import { Errors } from '@oclif/core'
import { FtiError, nearest } from '../base/index.ts'
import { cliErrors } from './errors.ts'

/** What oclif's parser hangs on its errors; their classes are not exported, so they are told apart by name. */
interface ParseFailure {
  readonly flags?: readonly string[]
  readonly parse?: { readonly input?: { readonly flags?: Record<string, unknown> } }
}

/** oclif's complaint about the command line as one of ours, or undefined when it is something else. */
export function usageError(error: unknown, command: string | undefined): FtiError | undefined {
  if (!(error instanceof Errors.CLIError)) return undefined
  const help = command === undefined ? 'fti --help' : `fti ${command.replaceAll(':', ' ')} --help`
  const message = messageOf(error)
  const see = `see \`${help}\``
  if (error.constructor.name === 'NonExistentFlagsError') return unknownFlag(error as ParseFailure, see)
  if (error.constructor.name === 'UnexpectedArgsError') {
    return new FtiError(cliErrors.FTI_ARGUMENT_UNEXPECTED, { message, remedy: `leave it out; ${see}` })
  }
  if (error.constructor.name === 'RequiredArgsError') {
    return new FtiError(cliErrors.FTI_ARGUMENT_MISSING, { message, remedy: `add it; ${see}` })
  }
  if (error.constructor.name === 'ArgInvalidOptionError') {
    return new FtiError(cliErrors.FTI_ARGUMENT_INVALID, { message, remedy: see })
  }
  const missing = /^Command (.+) not found\.?$/i.exec(message)
  if (missing) {
    return new FtiError(cliErrors.FTI_COMMAND_UNKNOWN, {
      message: `there is no command '${missing[1]?.replaceAll(':', ' ')}'`,
      remedy: 'see `fti --help`',
    })
  }
  return new FtiError(cliErrors.FTI_FLAG_INVALID, { message, remedy: see })
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

/** Without oclif's closing line about help: the remedy names the exact command. */
function messageOf(error: Error): string {
  const text = error.message.replace(/\n+See more help with --help$/, '')
  return text.replace(/^The following errors? occurred:\s*/, '')
}

/** An unknown command, with the nearest known one. */
export function unknownCommand(argv: readonly string[], known: readonly string[]): FtiError {
  const first = argv.findIndex((word) => word.startsWith('-'))
  const words = first === -1 ? argv : argv.slice(0, first)
  if (words.length === 0) {
    return new FtiError(cliErrors.FTI_COMMAND_UNKNOWN, {
      message: `the command line begins with the flag ${argv[0]}`,
      remedy: 'write the command first and its flags behind it; see `fti --help`',
    })
  }
  const near = nearestCommand(words, known)
  return new FtiError(cliErrors.FTI_COMMAND_UNKNOWN, {
    message: `there is no command '${words.join(' ')}'`,
    remedy: near === undefined ? 'see `fti --help`' : `did you mean \`fti ${near}\`? All commands: \`fti --help\``,
    data: { command: words.join(' '), ...(near === undefined ? {} : { nearest: near }) },
  })
}

/** The words may go on with arguments, so the first word is compared alone, then the first two, and so on. */
function nearestCommand(words: readonly string[], known: readonly string[]): string | undefined {
  for (let count = 1; count <= words.length; count++) {
    const typed = words.slice(0, count).join(' ')
    // A topic was written right; what is wrong is the word behind it.
    const isTopic = count < words.length && known.some((name) => name.startsWith(`${typed} `))
    const near = isTopic ? undefined : nearest(typed, known)
    if (near !== undefined) return near
  }
  return undefined
}
