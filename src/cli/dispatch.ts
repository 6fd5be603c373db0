import { Config, type Interfaces } from '@oclif/core'
import { normalizeArgv } from '@oclif/core/help'
import { type ExitCode, exitCode, type FtiError } from '../base/index.ts'
import { AbortedError } from './fate/aborted-error.ts'
import { fateOf } from './fate/fate.ts'
import type { DeclaredFlags } from './fate/flag-complaint.ts'
import { printFate } from './fate/print-fate.ts'
import { commandBefore, unknownCommand } from './fate/unknown-command.ts'
import { unexpectedArgument } from './fate/usage-error.ts'
import { FittedHelp } from './help.ts'
import { talkOf } from './terminal/talk.ts'

/**
 * Runs one command line from beginning to end: finds the command, runs it, decides the fate of its errors.
 * Resolves to the exit code and never rejects. oclif's own `run` is not used: it answers an unknown
 * command with a bare message and knows neither our exit codes nor `--json` before a command exists.
 */
export async function dispatch(argv: string[], options: Interfaces.LoadOptions): Promise<ExitCode> {
  let command: string | undefined
  try {
    const config = await Config.load(options)
    const words = commandFirst(argv)
    const [id = '', ...rest] = normalizeArgv(config, words)
    command = id
    if (wantsHelp(words))
      return await showHelp(
        config,
        words.filter((word, index) => index > 0 || word !== 'help').map((word) => (word === '-h' ? '--help' : word)),
      )
    if (config.findCommand(id)) return (await config.runCommand<ExitCode | undefined>(id, rest)) ?? exitCode.done
    if (config.findTopic(id) && !talkOf(words).json) return await showHelp(config, [id])
    throw notFound(words, config)
  } catch (error) {
    const aborted = error instanceof AbortedError
    const fate = fateOf(aborted ? error.error : error, { command, aborted })
    await printFate(fate, talkOf(argv))
    return fate.exit
  }
}

/** Flags of every command may stand before it, as in `fti -C project status`; oclif looks for the command first. */
function commandFirst(argv: readonly string[]): string[] {
  let count = 0
  while (count < argv.length) {
    const word = argv[count] ?? ''
    if (['-C', '--chdir', '--env', '--log-format'].includes(word)) count += 2
    else if (['--json', '-q', '--quiet'].includes(word) || /^--(chdir|env|log-format)=/.test(word)) count += 1
    else break
  }
  const rest = argv.slice(count)
  // Without a command the line stays as it was typed, for the error that says so.
  return rest.length === 0 || rest[0]?.startsWith('-') ? [...argv] : [...rest, ...argv.slice(0, count)]
}

function wantsHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (
    argv.length === 0 ||
    argv[0] === '-h' ||
    argv[0] === 'help' ||
    (end === -1 ? argv : argv.slice(0, end)).includes('--help')
  )
}

async function showHelp(config: Interfaces.Config, argv: string[]): Promise<ExitCode> {
  const words = argv.filter((word) => !word.startsWith('-'))
  const [subject = ''] = normalizeArgv(config, words)
  if (words.length > 0 && !config.findCommand(subject) && !config.findTopic(subject)) {
    throw unknownCommand(words, commandNames(config))
  }
  await new FittedHelp(config, config.pjson.oclif.helpOptions).showHelp(argv)
  return exitCode.done
}

function notFound(words: readonly string[], config: Interfaces.Config): FtiError {
  const known = commandNames(config)
  const name = commandBefore(words, known)
  if (name === undefined) return unknownCommand(words, known)
  const rest = words.slice(name.split(' ').length)
  const flag = rest.findIndex((word) => word.startsWith('-'))
  const flags = config.findCommand(name.replaceAll(' ', ':'))?.flags as DeclaredFlags | undefined
  return unexpectedArgument(name, flag === -1 ? rest : rest.slice(0, flag), flags ?? {}, rest)
}

function commandNames(config: Interfaces.Config): string[] {
  return config.commands.filter(({ hidden }) => !hidden).map(({ id }) => id.replaceAll(':', ' '))
}
