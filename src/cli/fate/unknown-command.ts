import { FtiError, nearest } from '../../base/index.ts'
import { cliErrors } from './errors.ts'

/** What people type who know another program, and what does that here. */
const otherWords: Readonly<Record<string, string>> = {
  version: '--version',
  validate: 'check',
  materialize: 'feature sync',
  deploy: 'registry promote',
}

/** An unknown command, with the nearest known one. */
export function unknownCommand(argv: readonly string[], known: readonly string[]): FtiError {
  const words = wordsOf(argv)
  if (words.length === 0) {
    return new FtiError(cliErrors.FTI_COMMAND_UNKNOWN, {
      message: `the command line begins with the flag ${argv[0]}`,
      remedy: 'write the command first and its flags behind it; see `fti --help`',
    })
  }
  const near = otherWords[words.join(' ')] ?? correctedCommand(words, known) ?? nearestCommand(words, known)
  return new FtiError(cliErrors.FTI_COMMAND_UNKNOWN, {
    message: `there is no command '${words.join(' ')}'`,
    remedy: near === undefined ? 'see `fti --help`' : `did you mean \`fti ${near}\`? All commands: \`fti --help\``,
    data: { command: words.join(' '), ...(near === undefined ? {} : { nearest: near }) },
  })
}

/** The longest beginning of the line that is a command; oclif takes words behind one without arguments for its name. */
export function commandBefore(argv: readonly string[], known: readonly string[]): string | undefined {
  const words = wordsOf(argv)
  for (let count = words.length - 1; count > 0; count--) {
    const name = words.slice(0, count).join(' ')
    const isTopic = known.some((other) => other.startsWith(`${name} `))
    if (known.includes(name) && !isTopic) return name
  }
  return undefined
}

function wordsOf(argv: readonly string[]): readonly string[] {
  const first = argv.findIndex((word) => word.startsWith('-'))
  return first === -1 ? argv : argv.slice(0, first)
}

/** A command each of whose words is near the one that was typed: `featur run` is `feature run`. */
function correctedCommand(words: readonly string[], known: readonly string[]): string | undefined {
  let path = ''
  for (const word of words) {
    const below = known
      .filter((name) => name.startsWith(path))
      .map((name) => name.slice(path.length).split(' ')[0] ?? '')
    const near = below.includes(word) ? word : nearest(word, below)
    if (near === undefined) return undefined
    path += near
    if (known.includes(path)) return path
    path += ' '
  }
  return undefined
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
